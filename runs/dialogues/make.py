"""Write the bundled dialogues and reviews, and their card: `python -m runs.dialogues.make`."""

import argparse
from pathlib import Path

from runs.cards import write_jsonl
from runs.dialogues import card, generate, reviews
from utils import runtime


def main() -> None:
    """Write every split of dialogues and reviews, and their card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=generate.SEED)
    dialogsum = f"DialogSum has {generate.TRAIN_LIKE:,}"
    parser.add_argument("--train-rows", type=int, default=generate.ROWS["train"], help=dialogsum)
    parser.add_argument("--out", type=Path, default=runtime.assets_dir())
    options = parser.parse_args()
    for split, count in (generate.ROWS | {"train": options.train_rows}).items():
        write_jsonl(options.out / "dialogues" / f"{split}.jsonl", generate.rows(split, count, options.seed))
        write_jsonl(options.out / "reviews" / f"{split}.jsonl", reviews.rows(split, options.seed))
    card.write(options.out, options.seed)


if __name__ == "__main__":
    main()
