"""Write the shop's support dialogues, its preference pairs and their card: `python -m runs.shop.make`."""

import argparse
from pathlib import Path

from runs.cards import write_jsonl
from runs.shop import card, generate
from utils.data import support_desk


def main() -> None:
    """Write the cases, the pairs and their card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=generate.SEED)
    parser.add_argument("--out", type=Path, default=support_desk.folder())
    options = parser.parse_args()
    for split in generate.ROWS:
        write_jsonl(options.out / f"{split}.jsonl", generate.case_rows(split, options.seed))
    for split in generate.PAIRS:
        write_jsonl(options.out / "pairs" / f"{split}.jsonl", generate.pair_rows(split, options.seed))
    card.write(options.out, options.seed)


if __name__ == "__main__":
    main()
