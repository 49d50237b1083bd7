"""Write the shop's support dialogues, its preference pairs and their card: `python -m runs.shop.make`."""

import argparse
from pathlib import Path

from runs import manifest
from runs.cards import write_jsonl
from runs.shop import card, generate
from utils import bundled


def main() -> None:
    """Write the cases, the pairs and their card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=generate.SEED)
    parser.add_argument("--out", type=Path, default=bundled.FOLDER / "shop")
    options = parser.parse_args()
    cases = {f"{split}.jsonl": generate.case_rows(split, options.seed) for split in generate.ROWS}
    pairs = {f"pairs/{split}.jsonl": generate.pair_rows(split, options.seed) for split in generate.PAIRS}
    written = [write_jsonl(options.out / name, rows) for name, rows in (cases | pairs).items()]
    card.write(options.out, options.seed)
    manifest.record(written, "runs.shop.make")


if __name__ == "__main__":
    main()
