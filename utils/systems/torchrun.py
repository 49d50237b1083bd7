"""torchrun agents on this machine: their commands, their environment, their end, and what they say of a failure.

An agent starts workers and watches them. `python -m utils.systems.torchrun FOLDER` keeps the agents of a run: it
starts the commands in FOLDER/agents.json and ends them when the process that called it is gone, for example a
notebook's kernel.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from utils import runtime
from utils.errors import CourseError

RUN, NODE = "COURSE_RUN", "COURSE_NODE"
LOOPBACK = "127.0.0.1"
GRACE_S = 5.0
POLL_S = 0.1
# What another launcher, or this notebook, may have left for torchrun or its workers to find.
FOREIGN = re.compile(
    r"PET_|TORCH_|TORCHELASTIC_|GLOO_|NCCL_|OMP_|MKL_|MASTER_|GROUP_|ROLE_|COURSE_|(LOCAL_)?RANK$|(LOCAL_)?WORLD_SIZE$"
)
# Agents share one store over all attempts, in which a new worker may find the address of a dead one and give up. With
# restarts each attempt gets a store of its own. Source: pytorch/pytorch, issue 135712; seen here with torch 2.13.
NEW_STORE = {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
FAILURE = re.compile(r"rank +: (\d+) \(local_rank: (\d+)\)\s+exitcode +: (-?\d+)")


@dataclass(frozen=True)
class Place:
    """Where a worker runs: its agent's number and its number there, which need not be its rank."""

    node: int
    local_rank: int


@dataclass(frozen=True)
class Failure:
    """A worker that an agent found ended. exitcode: negative for a signal."""

    rank: int
    place: Place
    exitcode: int


def command(folder: Path, node: int, endpoint: str, nodes: int, per_node: int, restarts: int, worker: Path) -> list:
    """One agent's command line. -P: a file that lies beside the notebook must not stand in for a module."""
    options = {
        "nnodes": nodes,
        "nproc-per-node": per_node,
        "rdzv-backend": "c10d",
        "rdzv-endpoint": endpoint,
        "rdzv-conf": f"is_host={int(nodes == 1)}",
        "rdzv-id": folder.name,
        "local-addr": LOOPBACK,
        "max-restarts": restarts,
        "shutdown-timeout": int(GRACE_S),
        "log-dir": folder / f"node-{node}",
        "redirects": 3,
    }
    given = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-P", "-m", "torch.distributed.run", *given, str(worker)]


@contextmanager
def rendezvous(nodes: int) -> Iterator[str]:
    """Where agents meet: one alone hosts the store itself, several find it here, already bound to a free port."""
    if nodes == 1:
        yield f"{LOOPBACK}:0"
        return
    from torch.distributed import TCPStore

    store = TCPStore(LOOPBACK, 0, is_master=True, wait_for_workers=False)
    yield f"{LOOPBACK}:{store.port}"
    del store


def environment(folder: Path, restarts: int = 0) -> dict[str, str]:
    """This process's variables without what would confuse torchrun; one thread, no GPU, loopback, this checkout."""
    path = os.pathsep.join(filter(None, (str(runtime.project_root()), runtime.env("PYTHONPATH"))))
    kept = {name: value for name, value in runtime.child_environment().items() if not FOREIGN.match(name)}
    ours = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONUNBUFFERED": "1", "PYTHONPATH": path}
    names = [name for name, had in psutil.net_if_addrs().items() if any(each.address == LOOPBACK for each in had)]
    loopback = {"GLOO_SOCKET_IFNAME": names[0]} if names else {}
    return kept | ours | loopback | (NEW_STORE if restarts else {}) | {RUN: str(folder)}


def keep(folder: Path) -> int:
    """Start the agents of a run and wait for them; their exit status, 0 when all ended well.

    The first to fail gives the others a few seconds: their workers lost their peers. All end with the caller.
    """
    caller, agents = os.getppid(), []
    for node, words in enumerate(json.loads((folder / "agents.json").read_text(encoding="utf-8"))):
        with (folder / f"node-{node}.log").open("wb") as log:
            env = runtime.child_environment(PYTHONPATH=runtime.env("PYTHONPATH"), **{NODE: str(node)})
            agents.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env))
    deadline_s = float("inf")
    while any(agent.poll() is None for agent in agents):
        if os.getppid() != caller or time.monotonic() > deadline_s:
            for agent in agents:
                agent.terminate()
        elif deadline_s == float("inf") and any(agent.poll() for agent in agents):
            deadline_s = time.monotonic() + GRACE_S
        time.sleep(POLL_S)
    return int(any(agent.returncode for agent in agents))


def sweep(folder: Path) -> None:
    """End every process of a run that is still there, such as one whose parent died at once.

    Raises CourseError when one does not end.
    """
    deadline_s = time.monotonic() + GRACE_S
    while left := [process for process in psutil.process_iter() if _belongs(process, folder)]:
        if time.monotonic() > deadline_s:
            raise CourseError(f"Processes {[process.pid for process in left]} should have ended: kill them by hand.")
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        time.sleep(POLL_S / 2)


def _belongs(process: psutil.Process, folder: Path) -> bool:
    with suppress(psutil.Error, OSError):
        return process.status() != psutil.STATUS_ZOMBIE and process.environ().get(RUN) == str(folder)
    return False


def failures(folder: Path) -> list[Failure]:
    """Workers that ended on their own with an error, the first one first.

    The others fail soon after, when they find it gone, or are ended by their agent; so those ended by SIGTERM come
    last, and the rest in the order of the last words in their logs.
    """
    found = []
    for agent in sorted(folder.glob("node-*.log")):
        node = int(agent.stem.removeprefix("node-"))
        for rank, local_rank, exitcode in set(FAILURE.findall(agent.read_text(encoding="utf-8", errors="replace"))):
            found.append(Failure(int(rank), Place(node, int(local_rank)), int(exitcode)))
    return sorted(found, key=lambda each: (each.exitcode == -signal.SIGTERM, _last_word_ns(folder, each.place)))


def _last_word_ns(folder: Path, place: Place) -> int:
    return max((path.stat().st_mtime_ns for path in _streams(folder, place)), default=0)


def log(folder: Path, place: Place) -> str:
    """What a worker printed and what it said on stderr, in its latest attempt."""
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in _streams(folder, place))


def _streams(folder: Path, place: Place) -> list[Path]:
    attempts = (folder / f"node-{place.node}").glob(f"*/attempt_*/{place.local_rank}")
    latest = sorted(attempts, key=lambda path: int(path.parent.name.removeprefix("attempt_")))[-1:]
    return [path for each in latest for path in (each / "stdout.log", each / "stderr.log") if path.is_file()]


if __name__ == "__main__":
    sys.exit(keep(Path(sys.argv[1])))
