"""Train the recurrent networks behind chapter 01's figure on recall: `python -m runs.recall`.

Two widths, three seeds each. A trained network's scores are in the table at once, and networks that are there are not
trained again; `--only 1` trains one more and stops.
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from runs import manifest
from utils import bundled
from utils.training import recall
from utils.training.recall import Score

TABLE = bundled.FOLDER / recall.TABLE
WIDTHS, SEEDS = (16, 64), (0, 1, 2)
LOADS = (1, 2, 3, 4, 6, 8, 10, 12)
PLACES = ((4, range(4)), (12, range(12)))
STEPS, RATE = 500, 1e-2


def scores(width: int, seed: int, steps: int = STEPS) -> list[Score]:
    """One GRU, trained and asked: by load with the place drawn, then by place at two loads."""
    net = recall.train("GRU", width, seed, steps, RATE)
    asked = [(load, -1) for load in LOADS] + [(load, place) for load, places in PLACES for place in places]
    return [
        Score(width, seed, load, place, recall.accuracy(net, load, None if place < 0 else place))
        for load, place in asked
    ]


def main(arguments: list[str] | None = None) -> None:
    """Train what the table lacks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=TABLE)
    parser.add_argument("--only", type=int, help="train so many networks at most")
    options = parser.parse_args(arguments)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    rows = recall.read(options.out) if options.out.exists() else []
    there = {(row.width, row.seed) for row in rows}
    missing = [(width, seed) for width in WIDTHS for seed in SEEDS if (width, seed) not in there]
    for width, seed in tqdm(missing[: options.only], unit="network"):
        rows = sorted(rows + scores(width, seed), key=lambda row: (row.width, row.seed, row.pairs, row.place))
        recall.write(rows, options.out)
    manifest.record([options.out], "runs.recall", licence="MIT")


if __name__ == "__main__":
    main()
