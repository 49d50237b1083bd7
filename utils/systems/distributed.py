"""Workers of several processes, started from a notebook: a timeout, a log per rank, an answer each, nothing left over.

`run` starts a worker, a Python file, as `world_size` processes on this machine. In the worker, `settings()` is what
`run` was given and `report(value)` is its answer. No port is chosen in advance: each server binds port 0 and tells
its clients what it got, so that jobs cannot clash; only for restarts torchrun looks for a free port at each attempt.
Traffic stays on the loopback interface, and no name is looked up.

    torchrun --nproc-per-node 4 worker.py

runs the same worker by hand: its settings are then arguments, `--steps 3`, and it prints its answer.
"""

import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from utils import runtime
from utils.costs import measured_memory
from utils.errors import CourseError
from utils.systems import cluster_jobs, process_limits, torchrun

MOST_WORKERS = 16


@dataclass(frozen=True)
class Result:
    """What one rank answered.

    value: what the worker gave to `report`. attempt: how often torchrun had started all workers anew before.
    peak_bytes: the largest resident memory of the process until it answered. log: what it printed.
    """

    rank: int
    value: object
    attempt: int
    peak_bytes: int
    log: str


def run(
    worker: str | os.PathLike,
    world_size: int,
    settings: Mapping | None = None,
    *,
    timeout_s: float = 120,
    nodes: int = 1,
    restarts: int = 0,
    logs: str | os.PathLike | None = None,
    variables: Mapping[str, str] | None = None,
) -> list[Result]:
    """Run a worker file as `world_size` processes under torchrun, one thread each.

    settings: what JSON can hold. timeout_s: wall clock in seconds for everything. nodes: how many torchrun agents share
    the workers evenly. restarts: how often torchrun may start all workers anew after one failed. logs: a folder in
    which each run keeps a folder with what agents and workers said; None keeps nothing. variables: of the environment,
    for agents and workers.
    Returns one Result per rank, in order of rank.
    Raises CourseError naming the rank that failed first and its last lines, or the ranks that gave no answer. However
    it ends, no process is left.
    """
    worker = Path(worker).resolve()
    _check(worker, world_size, nodes, restarts, timeout_s)
    with _folder(logs) as folder, torchrun.rendezvous(nodes) as endpoint:
        _write_json(folder / "settings.json", dict(settings or {}), "settings")
        shape = (endpoint, nodes, world_size // nodes, restarts, worker)
        _write_json(folder / "agents.json", [torchrun.command(folder, node, *shape) for node in range(nodes)], "agents")
        outcome = _watched(folder, timeout_s, torchrun.environment(folder, restarts) | dict(variables or {}))
        results = {result.rank: result for result in _answers(folder)}
        missing = [rank for rank in range(world_size) if rank not in results]
        if outcome.ended_by == "timeout" or outcome.returncode or missing:
            raise CourseError(_reason(folder, worker.name, outcome, missing, timeout_s))
        return [results[rank] for rank in range(world_size)]


def settings() -> dict:
    """In a worker: what `run` was given; what stands on the command line when torchrun was called by hand."""
    folder = runtime.env(torchrun.RUN)
    if folder:
        return json.loads(Path(folder, "settings.json").read_text(encoding="utf-8"))
    return cluster_jobs.settings_of(sys.argv[1:]) if runtime.env("RANK") else {}


def report(value) -> None:
    """In a worker: answer with `value`, at the end; a second call replaces the first. By hand, it is printed.

    Raises CourseError when JSON cannot hold the value.
    """
    rank, attempt = int(runtime.env("RANK", "0")), int(runtime.env("TORCHELASTIC_RESTART_COUNT", "0"))
    place = (int(runtime.env(torchrun.NODE, "0")), int(runtime.env("LOCAL_RANK", "0")))
    answer = {
        "rank": rank,
        "value": value,
        "attempt": attempt,
        "peak_bytes": measured_memory.memory_bytes(),
        "place": place,
    }
    folder = runtime.env(torchrun.RUN)
    if folder:
        _write_json(Path(folder, f"answer-{place[0]}-{attempt}-{rank}.json"), answer, "report")
    else:
        print(json.dumps(answer))


def _check(worker: Path, world_size: int, nodes: int, restarts: int, timeout_s: float) -> None:
    if not worker.is_file():
        raise CourseError(f"A worker is a Python file, but there is no {worker}: check its name and this folder.")
    if type(world_size) is not int or not 1 <= world_size <= MOST_WORKERS:
        raise CourseError(f"world_size must be an integer from 1 to {MOST_WORKERS}, but {world_size!r} came.")
    if type(nodes) is not int or nodes < 1 or world_size % nodes:
        raise CourseError(f"nodes must share {world_size} workers evenly, but {nodes!r} came: choose a divisor.")
    if type(restarts) is not int or restarts < 0:
        raise CourseError(f"restarts must be an integer of 0 or more, but {restarts!r} came: change it.")
    if not 0 < timeout_s < float("inf"):
        raise CourseError(f"timeout_s must be a positive number of seconds, but {timeout_s!r} came: change it.")


@contextmanager
def _folder(logs) -> Iterator[Path]:
    """A new folder for one run: below `logs`, or for the time of the run only."""
    if logs is None:
        with tempfile.TemporaryDirectory(prefix="run-", ignore_cleanup_errors=True) as folder:
            yield Path(folder).resolve()
    else:
        Path(logs).mkdir(parents=True, exist_ok=True)
        yield Path(tempfile.mkdtemp(prefix="run-", dir=logs)).resolve()


def _write_json(path: Path, value, what: str) -> None:
    """Whole or not at all: a reader never sees half a file."""
    try:
        text = json.dumps(value)
    except (TypeError, ValueError) as error:
        raise CourseError(f"{what} takes only what JSON can hold, but {error}: give numbers, texts, lists.") from None
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def _watched(folder: Path, timeout_s: float, env: Mapping[str, str]) -> process_limits.Outcome:
    command = [sys.executable, "-P", "-m", "utils.systems.torchrun", folder]
    try:
        return process_limits.run(command, timeout_s=timeout_s, memory_bytes=None, env=env)
    finally:
        torchrun.sweep(folder)


def _answers(folder: Path) -> list[Result]:
    """The answers of each node's latest attempt that has any; agents count their attempts apart."""
    answers = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("answer-*.json")]
    placed = [(torchrun.Place(*answer.pop("place")), answer) for answer in answers]
    latest = {}
    for place, answer in placed:
        latest[place.node] = max(latest.get(place.node, 0), answer["attempt"])
    found = [(place, answer) for place, answer in placed if answer["attempt"] == latest[place.node]]
    return [Result(**answer, log=torchrun.log(folder, place)) for place, answer in found]


def _reason(folder: Path, name: str, outcome: process_limits.Outcome, missing: list[int], timeout_s: float) -> str:
    """Why a run gave no results, as a sentence, and the last lines that tell more."""
    failures = torchrun.failures(folder)
    if outcome.ended_by == "timeout":
        silent = f"no answer came from {_ranks(missing)}" if missing else "every rank had answered, but did not end"
        text = f"{name} did not end within {timeout_s:g} s, {silent}: look for a rank that waits for another"
    elif failures:
        first = failures[0]
        text = f"Rank {first.rank} of {name} {_ending(first.exitcode)}, and the run with it: correct the worker"
        return f"{text}. {process_limits.tail(torchrun.log(folder, first.place))}"
    elif outcome.returncode:
        agents = "".join(path.read_text(errors="replace") for path in sorted(folder.glob("node-*.log")))
        return f"torchrun could not run {name}: read what it said. {process_limits.tail(agents + outcome.stderr)}"
    else:
        text = f"{name} ended without an answer from {_ranks(missing)}: let every rank call distributed.report"
    alone = len(list(folder.glob("node-*.log"))) == 1
    said = process_limits.tail(torchrun.log(folder, torchrun.Place(0, missing[0]))) if missing and alone else ""
    return f"{text}. {said}".rstrip()


def _ranks(ranks: list[int]) -> str:
    return f"rank{'s' if len(ranks) > 1 else ''} {', '.join(map(str, ranks))}"


def _ending(exitcode: int) -> str:
    return f"was ended by {signal.Signals(-exitcode).name}" if exitcode < 0 else f"ended with exit status {exitcode}"
