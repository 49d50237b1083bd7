"""Workers of several processes, started from a notebook: a timeout, a log per rank, an answer each, nothing left over.

`run` starts a worker, a Python file, as `world_size` processes on this machine. In the worker, `settings()` is what
`run` was given and `report(value)` is its answer. Four kinds of processes take part:

    caller    the notebook, which waits in `run`
    keeper    `python -m utils.systems.distributed FOLDER`: ends all others when the caller is gone, killed perhaps
    agents    torchrun's own, `elastic_launch`, one for each node: they start workers, watch them, start them again
    workers   one for each rank; torchrun tells them their numbers in environment variables

They speak through a folder: job.json and settings.json for agents and workers; failures-NODE.json from an agent that
found workers ended with an error; and for each worker node-NODE/*/attempt_N/LOCAL_RANK/, which holds stdout.log,
stderr.log and its answer.json.

    torchrun --nproc-per-node 4 worker.py

runs the same worker by hand: its settings are then arguments, `--steps 3`, and it prints its answer.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from utils import runtime
from utils.errors import CourseError
from utils.systems import cluster_jobs, process_limits
from utils.systems.cluster_jobs import Job

MOST_WORKERS = 16
RUN = "COURSE_RUN"
LOOPBACK = "127.0.0.1"
GRACE_S = 5.0
POLL_S = 0.1
# What another launcher, or this notebook, may have left for torchrun or its workers to find.
FOREIGN = re.compile(
    r"PET_|TORCH_|TORCHELASTIC_|GLOO_|NCCL_|OMP_|MKL_|MASTER_|GROUP_|ROLE_|COURSE_|(LOCAL_)?RANK$|(LOCAL_)?WORLD_SIZE$"
)


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


@dataclass(frozen=True)
class Failure:
    """A worker that an agent found ended with an error.

    exitcode: negative for a signal. log_folder: where its last attempt's logs are.
    """

    rank: int
    exitcode: int
    log_folder: Path


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
    """Run a worker file as `world_size` processes under torchrun's agents, one thread each.

    settings: what JSON can hold. timeout_s: wall clock in seconds for everything. nodes: how many agents share the
    workers evenly. restarts: how often all workers may start anew after one failed. logs: a folder in which each run
    keeps a folder with what its workers said; None keeps nothing. variables: of the environment, for all that start.
    Returns one Result per rank, in order of rank.
    Raises CourseError naming the rank that failed first and its last lines, or the ranks that gave no answer. However
    it ends, no process is left.
    """
    worker = Path(worker).resolve()
    _check(worker, world_size, nodes, restarts, timeout_s)
    with _run_folder(logs) as folder, _rendezvous(nodes) as endpoint:
        _write_json(folder / "settings.json", dict(settings or {}), "settings")
        job = {"worker": str(worker), "nodes": nodes, "ranks_per_node": world_size // nodes}
        job |= {"endpoint": endpoint, "restarts": restarts, "name": folder.name}
        _write_json(folder / "job.json", job, "a job")
        # -P: a file that lies beside the notebook, such as json.py, must not stand in for a module.
        keeper = [sys.executable, "-P", "-m", "utils.systems.distributed", folder]
        env = _run_variables(folder, restarts) | dict(variables or {})
        outcome = process_limits.run(keeper, timeout_s=timeout_s, memory_bytes=None, env=env)
        results = {result.rank: result for result in _answers(folder)}
        missing = [rank for rank in range(world_size) if rank not in results]
        if outcome.ended_by == "timeout" or outcome.returncode or missing:
            raise CourseError(_reason(folder, worker.name, outcome, missing, timeout_s))
        return [results[rank] for rank in range(world_size)]


def settings() -> dict:
    """In a worker: what `run` was given; what stands on the command line when torchrun was called by hand."""
    folder = runtime.env(RUN)
    if folder:
        return json.loads(Path(folder, "settings.json").read_text(encoding="utf-8"))
    return cluster_jobs.settings_of(sys.argv[1:]) if runtime.env("RANK") else {}


def report(value) -> None:
    """In a worker: answer with `value`, at the end; a second call replaces the first. By hand, it is printed.

    Raises CourseError when JSON cannot hold the value.
    """
    rank, attempt = int(runtime.env("RANK", "0")), int(runtime.env("TORCHELASTIC_RESTART_COUNT", "0"))
    peak_bytes = runtime.resident_bytes(peak=True)
    answer = {"rank": rank, "value": value, "attempt": attempt, "peak_bytes": peak_bytes}
    if runtime.env(RUN):
        # torchrun names a file for a worker's error. It stands in the folder of the worker's logs, whose path has no
        # variable of its own.
        log_folder = Path(runtime.env("TORCHELASTIC_ERROR_FILE")).parent
        _write_json(log_folder / "answer.json", answer, "report")
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
def _run_folder(logs) -> Iterator[Path]:
    """A new folder for one run: below `logs`, or for the time of the run only."""
    if logs is None:
        with tempfile.TemporaryDirectory(prefix="run-", ignore_cleanup_errors=True) as folder:
            yield Path(folder).resolve()
    else:
        Path(logs).mkdir(parents=True, exist_ok=True)
        yield Path(tempfile.mkdtemp(prefix="run-", dir=logs)).resolve()


@contextmanager
def _rendezvous(nodes: int) -> Iterator[str]:
    """Where agents meet, as "host:port": one alone hosts the store itself, several find it here.

    No port is chosen in advance, since another job could take it before it is used: each server binds port 0 and tells
    its clients what it got. Only for restarts torchrun looks for a free port at each attempt.
    """
    if nodes == 1:
        yield f"{LOOPBACK}:0"
        return
    from torch.distributed import TCPStore

    store = TCPStore(LOOPBACK, 0, is_master=True, wait_for_workers=False)
    yield f"{LOOPBACK}:{store.port}"
    del store  # until here: without a reference it closes


def _run_variables(folder: Path, restarts: int) -> dict[str, str]:
    """Variables for keeper, agents and workers: without what would confuse torchrun; one thread, no GPU, loopback."""
    kept = {name: value for name, value in runtime.child_environment().items() if not FOREIGN.match(name)}
    # Threads that outnumber the cores wait for each other by spinning: two ranks of two threads on two cores are ten
    # times slower, not twice.
    ours = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONUNBUFFERED": "1", RUN: str(folder)}
    # Gloo otherwise looks up this machine's own name, which fails or leads outside on many a laptop. The loopback
    # interface is "lo" on Linux and "lo0" on macOS.
    names = [name for name, had in psutil.net_if_addrs().items() if any(each.address == LOOPBACK for each in had)]
    loopback = {"GLOO_SOCKET_IFNAME": names[0]} if names else {}
    return kept | ours | loopback | (cluster_jobs.NEW_STORE if restarts else {})


def _write_json(path: Path, value, what: str) -> None:
    try:
        text = json.dumps(value)
    except (TypeError, ValueError) as error:
        raise CourseError(f"{what} takes only what JSON can hold, but {error}: give numbers, texts, lists.") from None
    with runtime.write_atomically(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def _job(folder: Path) -> Job:
    return Job(**json.loads((folder / "job.json").read_text(encoding="utf-8")))


def _keep(folder: Path) -> int:
    """The keeper: start the agents of a run and wait for them; its exit status, 0 when all ended well.

    A process of its own, since a killed notebook can end nobody: whoever loses its parent gets another, and sees that
    by the parent's number. An agent that fails gives the others a few seconds: their workers have lost their peers.
    """
    caller, agents = os.getppid(), []
    for node in range(_job(folder).nodes):
        command = [sys.executable, "-P", "-m", "utils.systems.distributed", folder, str(node)]
        agents.append(subprocess.Popen(command))
    deadline_s = float("inf")
    while any(agent.poll() is None for agent in agents):
        if os.getppid() != caller or time.monotonic() > deadline_s:
            for agent in agents:
                agent.terminate()
        elif deadline_s == float("inf") and any(agent.poll() for agent in agents):
            deadline_s = time.monotonic() + GRACE_S
        time.sleep(POLL_S)
    return int(any(agent.returncode for agent in agents))


def _run_agent(folder: Path, node: int) -> int:
    """An agent: start this node's workers and watch them, as torchrun does; its exit status."""
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, Std
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    job, logs = _job(folder), folder / f"node-{node}"
    config = LaunchConfig(
        min_nodes=job.nodes,
        max_nodes=job.nodes,
        nproc_per_node=job.ranks_per_node,
        run_id=job.name,
        rdzv_backend="c10d",
        rdzv_endpoint=job.endpoint,
        rdzv_configs={"is_host": job.nodes == 1},  # several agents are all guests of the store that the caller holds
        local_addr=LOOPBACK,  # otherwise it looks up this machine's name
        max_restarts=job.restarts,
        shutdown_timeout=int(GRACE_S),
        logs_specs=DefaultLogsSpecs(str(logs), redirects=Std.ALL),
    )
    try:
        elastic_launch(config, sys.executable)("-u", str(job.worker))
    except ChildFailedError as error:
        found = [
            {"rank": rank, "exitcode": failure.exitcode, "log_folder": str(_last_attempt(logs, failure.local_rank))}
            for rank, failure in error.failures.items()
        ]
        _write_json(folder / f"failures-{node}.json", found, "a list of failures")
        return 1
    return 0


def _last_attempt(logs: Path, local_rank: int) -> Path:
    """The log folder of a worker's latest attempt; one that is not there, when it never started."""
    attempts = logs.glob(f"*/attempt_*/{local_rank}")
    return max(attempts, key=lambda path: int(path.parent.name.removeprefix("attempt_")), default=logs / "none")


def _answers(folder: Path) -> Iterator[Result]:
    """The answers of each node's latest attempt that has any; agents count their attempts apart."""
    for logs in folder.glob("node-*"):
        paths = list(logs.glob("*/attempt_*/*/answer.json"))
        answers = [(json.loads(path.read_text(encoding="utf-8")), path.parent) for path in paths]
        latest = max((answer["attempt"] for answer, _ in answers), default=0)
        for answer, log_folder in answers:
            if answer["attempt"] == latest:
                yield Result(**answer, log=_log(log_folder))


def _failures(folder: Path) -> list[Failure]:
    """Workers that ended on their own with an error, the first one first.

    The others fail soon after, when they find it gone, or are ended by their agent; so those ended by SIGTERM come
    last, and the rest in the order of the last words in their logs. torchrun's own times are whole seconds.
    """
    notes = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("failures-*.json")]
    found = [Failure(note["rank"], note["exitcode"], Path(note["log_folder"])) for agent in notes for note in agent]
    return sorted(found, key=lambda each: (each.exitcode == -signal.SIGTERM, _last_word_ns(each.log_folder)))


def _last_word_ns(log_folder: Path) -> int:
    return max((path.stat().st_mtime_ns for path in log_folder.glob("*.log")), default=0)


def _log(log_folder: Path) -> str:
    """What a worker printed, and then what it said on stderr."""
    paths = (path for name in ("stdout.log", "stderr.log") if (path := log_folder / name).is_file())
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in paths)


def _reason(folder: Path, name: str, outcome: process_limits.Outcome, missing: list[int], timeout_s: float) -> str:
    """Why a run gave no results, as a sentence, and the last lines that tell more."""
    failures = _failures(folder)
    if outcome.ended_by == "timeout":
        silent = f"no answer came from {_ranks(missing)}" if missing else "every rank had answered, but did not end"
        text = f"{name} did not end within {timeout_s:g} s, {silent}: look for a rank that waits for another"
    elif failures:
        first = failures[0]
        text = f"Rank {first.rank} of {name} {_ending(first.exitcode)}, and the run with it: correct the worker"
        return f"{text}. {process_limits.tail(_log(first.log_folder))}"
    elif outcome.returncode:
        return f"torchrun could not run {name}: read what it said. {process_limits.tail(outcome.stderr)}"
    else:
        text = f"{name} ended without an answer from {_ranks(missing)}: let every rank call distributed.report"
    alone = not (folder / "node-1").exists()  # then a rank is its number on the node too
    said = process_limits.tail(_log(_last_attempt(folder / "node-0", missing[0]))) if missing and alone else ""
    return f"{text}. {said}".rstrip()


def _ranks(ranks: list[int]) -> str:
    return f"rank{'s' if len(ranks) > 1 else ''} {', '.join(map(str, ranks))}"


def _ending(exitcode: int) -> str:
    return f"was ended by {signal.Signals(-exitcode).name}" if exitcode < 0 else f"ended with exit status {exitcode}"


if __name__ == "__main__":
    folder, *node = sys.argv[1:]
    sys.exit(_run_agent(Path(folder), int(*node)) if node else _keep(Path(folder)))
