"""Write the bundled corpora, general and finance, their tasks and their card: `python -m runs.domains.make`."""

import argparse
import itertools
from pathlib import Path

from runs import manifest
from runs.cards import write_jsonl
from runs.domains import card, generate
from utils import bundled


def main() -> None:
    """Write every split of both corpora and their tasks, and their card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=generate.SEED)
    parser.add_argument("--out", type=Path, default=bundled.FOLDER / "corpora")
    options = parser.parse_args()
    written = [
        write_jsonl(options.out / name / f"{kind}_{split}.jsonl", rows(name, split, options.seed))
        for name, (kind, rows), split in itertools.product(generate.KINDS, generate.FILES.items(), generate.BYTES)
    ]
    card.write(options.out, options.seed)
    manifest.record(written, "runs.domains.make")


if __name__ == "__main__":
    main()
