"""Train the small decoders that compute a parity, for chapter 02: `python -m runs.parity`.

Three seeds of each kind of answer with the same number of steps, then the answer at once with five times as many: some
minutes on one core. A row of the table is one network at one length.
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

from runs import manifest
from utils import bundled
from utils.runtime import without_denormals
from utils.training import parity

TABLE = bundled.FOLDER / "reasoning" / "parity.csv"
STEPS, LONGER = 600, 5
SEEDS = (0, 1, 2)
COLUMNS = ("kind", "steps", "seed", "length", "trained", "accuracy")


@without_denormals()
def measured(kind: str, seed: int, steps: int) -> list[tuple]:
    """One network's accuracy at every length that fits the frame."""
    net = parity.train(kind, seed, steps)
    lengths = range(1, parity.FRAME + 1)
    return [(kind, steps, seed, n, int(n in parity.TRAINED), round(parity.accuracy(net, kind, n), 4)) for n in lengths]


def rows(steps: int = STEPS, longer: int = LONGER, seeds=SEEDS) -> Iterator[tuple]:
    """The table, row by row."""
    for kind, number in (*((kind, steps) for kind in parity.KINDS), ("at once", longer * steps)):
        for seed in seeds:
            yield from measured(kind, seed, number)


def main(arguments: list[str] | None = None) -> None:
    """Train all and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=TABLE)
    out = parser.parse_args(arguments).out
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for row in rows():
            table.writerow(row)
            file.flush()
    manifest.record([out], "runs.parity", licence="MIT")


if __name__ == "__main__":
    main()
