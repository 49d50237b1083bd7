"""Write the bundled dialogues and reviews, and their card: `python -m runs.dialogues.make`."""

import argparse
from pathlib import Path

from runs import manifest
from runs.cards import write_jsonl
from runs.dialogues import card, generate, reviews
from utils import bundled


def main() -> None:
    """Write every split of dialogues and reviews, and their card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=generate.SEED)
    dialogsum = f"DialogSum has {generate.TRAIN_LIKE:,}"
    parser.add_argument("--train-rows", type=int, default=generate.ROWS["train"], help=dialogsum)
    parser.add_argument("--out", type=Path, default=bundled.FOLDER)
    options = parser.parse_args()
    written = []
    for split, count in (generate.ROWS | {"train": options.train_rows}).items():
        rows = {"dialogues": generate.rows(split, count, options.seed), "reviews": reviews.rows(split, options.seed)}
        written += [write_jsonl(options.out / name / f"{split}.jsonl", rows[name]) for name in rows]
    card.write(options.out, options.seed)
    manifest.record(written, "runs.dialogues.make")


if __name__ == "__main__":
    main()
