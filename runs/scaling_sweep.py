"""Train the grid of decoders behind lab 08's scaling law: `python -m runs.scaling_sweep`.

Sizes times constant-compute slices, each run with its own learning-rate schedule; then runs of four times the largest
budget, kept from every fit. Each finished run is a row of the table at once, and rows that are there are not trained
again. Workers are local by default; `--scheduler tcp://…` uses a Dask cluster that can import `utils`.
"""

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from distributed import Client, as_completed
from tqdm import tqdm

from runs import manifest
from utils import bundled
from utils.data import zipf_facts
from utils.errors import CourseError
from utils.runtime import without_denormals
from utils.training import scaling_runs

TABLE = bundled.FOLDER / "scaling" / "sweep.csv"
WIDTHS = (6, 8, 12, 16, 24, 32, 48, 64, 96)
FEWEST_FACTS, MOST_FACTS = 12_500, 1_600_000
LARGEST_FLOPS = 2.0**42
SLICES = tuple(LARGEST_FLOPS / 2**step for step in range(14))
SEEDS = (0, 1)
HELD_OUT_WIDTHS, HELD_OUT_FLOPS = (96,), 4 * LARGEST_FLOPS
STEP_FLOPS = 4e6  # what a step costs beyond its arithmetic, in FLOPs of the same time


class PlannedRun(NamedTuple):
    """One run to be trained."""

    width: int
    facts: int
    seed: int
    held_out: bool = False

    @property
    def cost(self) -> float:
        """Time in arbitrary units: arithmetic, and the fixed cost of each step."""
        steps = self.facts / scaling_runs.batch_size(self.facts)
        return facts_flops(self.width) * self.facts + STEP_FLOPS * steps


def facts_flops(width: int) -> float:
    """6N for each of a fact's tokens."""
    return 6.0 * scaling_runs.Decoder(width).parameter_count * zipf_facts.KEY_LENGTH


def grid(widths=WIDTHS, slices=SLICES, seeds=SEEDS) -> list[PlannedRun]:
    """Every size on every constant-compute slice that gives it neither too few facts nor too many."""
    found = []
    for width in widths:
        sizes = (round(flops / facts_flops(width)) for flops in slices)
        found += [
            PlannedRun(width, facts, seed) for facts in sizes if FEWEST_FACTS <= facts <= MOST_FACTS for seed in seeds
        ]
    return found


def held_out(seeds=SEEDS) -> list[PlannedRun]:
    """The runs that the law must predict."""
    return [
        PlannedRun(width, round(HELD_OUT_FLOPS / facts_flops(width)), seed, held_out=True)
        for width in HELD_OUT_WIDTHS
        for seed in seeds
    ]


@without_denormals()
def train(job: PlannedRun) -> scaling_runs.TrainingRun:
    """One row, on one thread of whatever worker this is."""
    import torch

    torch.set_num_threads(1)  # a worker for each core: their threads would otherwise wait for each other by spinning
    device = "cuda" if torch.cuda.is_available() else "cpu"
    run = scaling_runs.train(job.width, job.facts, job.seed, device=device)
    return replace(run, held_out=job.held_out)


def missing(jobs: list[PlannedRun], runs: list[scaling_runs.TrainingRun]) -> list[PlannedRun]:
    """Jobs without a row: one short run for a first estimate, then the longest first, so that workers end together."""
    there = {(run.width, run.tokens, run.seed) for run in runs}
    left = [job for job in jobs if (job.width, scaling_runs.tokens(job.facts), job.seed) not in there]
    left.sort(key=lambda job: -job.cost)
    return left[-1:] + left[:-1]


def sweep_all(jobs: list[PlannedRun], client: Client, table: Path) -> None:
    """Train what is missing, writing the table after each run."""
    runs = scaling_runs.read(table) if table.exists() else []
    left = missing(jobs, runs)
    with tqdm(
        total=sum(job.cost for job in left), unit="", bar_format="{l_bar}{bar}| {elapsed}<{remaining}{postfix}"
    ) as bar:
        futures = client.map(train, left, pure=False)
        cost = {future.key: job.cost for future, job in zip(futures, left, strict=True)}
        for done, (future, run) in enumerate(as_completed(futures, with_results=True), 1):
            runs = sorted([*runs, run], key=lambda row: (row.held_out, row.width, row.tokens, row.seed))
            scaling_runs.write(runs, table)
            bar.set_postfix_str(f"run {done} of {len(left)}, width {run.width}, {run.tokens} tokens: {run.loss:.4f}")
            bar.update(cost[future.key])


def client(options: argparse.Namespace) -> Client:
    """A cluster by address, or local processes with one thread each."""
    if options.scheduler:
        try:
            return Client(options.scheduler, timeout=10)
        except OSError as error:
            raise CourseError(
                f"A Dask scheduler should answer at {options.scheduler}, but none did: start one or drop the option."
            ) from error
    return Client(n_workers=options.workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1")


def main(arguments: list[str] | None = None) -> None:
    """Train what the table lacks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=TABLE)
    parser.add_argument("--scheduler", help="address of a Dask cluster, tcp://…; default: local workers")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)), help="local processes")
    options = parser.parse_args(arguments)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with client(options) as workers:
        sweep_all(grid() + held_out(), workers, options.out)
    manifest.record([options.out], "runs.scaling_sweep", licence="MIT")


if __name__ == "__main__":
    main()
