"""A command under a wall-clock and a memory limit; when one is broken, its whole process tree ends."""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from utils import runtime
from utils.errors import CourseError

INTERVAL_S = 0.1
GRACE_S = 2.0
# A variable that every process of a tree inherits. Only this leads to one whose parent has died: such a process belongs
# to init, and if it also began a session of its own, neither parent nor group tells where it came from.
TREE = "COURSE_TREE"
LAST_LINES = 6
LONGEST_LINE = 300
UNPRINTABLE = re.compile(r"\x1b\[[0-9;]*m|[^\x20-\x7e\u00a0-\ud7ff]")


@dataclass(frozen=True)
class Outcome:
    """How a watched command ended.

    returncode: as subprocess gives it, negative for a signal. peak_bytes: largest resident memory of the tree.
    ended_by: "exit" when the command ended by itself, else the limit it broke, "timeout" or "memory".
    """

    returncode: int
    wall_s: float
    peak_bytes: int
    stdout: str
    stderr: str
    ended_by: str


def run(
    command: Sequence[str | os.PathLike],
    *,
    timeout_s: float,
    memory_bytes: int | None,
    cwd: str | os.PathLike | None = None,
    env: Mapping[str, str] | None = None,
) -> Outcome:
    """Run `command` in its own process group and end everything it started, at the latest when a limit is broken.

    timeout_s: wall clock in seconds. memory_bytes: cap on resident bytes summed over the tree, None for no cap.
    cwd, env: as in subprocess.Popen; env None inherits.
    Returns an Outcome. Memory is sampled every 0.1 s, so a shorter peak can be missed; pages shared by
    several processes count once for each, so the sum is never too low.
    Raises ValueError for a limit that is not positive; FileNotFoundError when the program does not exist; CourseError
    when a process cannot be ended.
    """
    if timeout_s <= 0 or (memory_bytes is not None and memory_bytes <= 0):
        raise ValueError(f"limits must be positive, but timeout_s={timeout_s} and memory_bytes={memory_bytes} came")
    with tempfile.TemporaryDirectory(prefix="watchdog-") as folder:
        out, err = Path(folder, "stdout"), Path(folder, "stderr")
        with out.open("wb") as stdout, err.open("wb") as stderr:
            start_s = time.monotonic()
            tree = ProcessTree(command, cwd=cwd, env=env, stdout=stdout, stderr=stderr)
            try:
                ended_by = _watch(tree, start_s + timeout_s, memory_bytes)
                wall_s = time.monotonic() - start_s
            finally:
                tree.end()
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in (out, err)]
    return Outcome(tree.root.returncode, wall_s, tree.peak_bytes, *texts, ended_by)


def tail(said: str) -> str:
    """The last lines of what a process said, without colours and control characters."""
    lines = [UNPRINTABLE.sub("", line)[:LONGEST_LINE] for line in said.splitlines()]
    last = [line for line in lines if line.strip()][-LAST_LINES:]
    return "\n".join(["Its last lines:", *last]) if last else "It printed nothing."


def _watch(tree: "ProcessTree", deadline_s: float, memory_bytes: int | None) -> str:
    """Sample the tree until the command exits or breaks a limit; returns Outcome.ended_by."""
    while True:
        used_bytes = tree.sample()
        if tree.root.poll() is not None:
            return "exit"
        if memory_bytes is not None and used_bytes > memory_bytes:
            return "memory"
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            return "timeout"
        with contextlib.suppress(subprocess.TimeoutExpired):
            tree.root.wait(min(INTERVAL_S, left_s))


class ProcessTree:
    """A command, started in a session of its own, and every process that comes from it.

    command, options: as for subprocess.Popen; env None inherits. root: the command's process. peak_bytes: the largest
    resident memory that `sample` has seen.
    Members are remembered: a Jupyter kernel leaves its parent's process group, and a child whose parent died is no
    longer its descendant, yet both must be counted and ended.
    """

    def __init__(self, command: Sequence, env: Mapping[str, str] | None = None, **options: Any):
        # A tree inside another one carries both names, so that the outer one ends it too.
        self.mark = f"{runtime.env(TREE, '')}/{uuid.uuid4()}"
        env = {**(runtime.variables() if env is None else env), TREE: self.mark}
        command = list(map(os.fspath, command))
        # Its own session: Ctrl+C in the terminal reaches this process, which then decides, and not the command too.
        self.root = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, start_new_session=True, **options)
        self.members: set[psutil.Process] = set()
        self.peak_bytes = 0
        with contextlib.suppress(psutil.NoSuchProcess):
            self.members.add(psutil.Process(self.root.pid))

    def sample(self) -> int:
        """Resident bytes of the tree now; takes in new members, lets go of ended ones, keeps the peak."""
        self._refresh()
        used_bytes = sum(map(_resident_bytes, self.members))
        self.peak_bytes = max(self.peak_bytes, used_bytes)
        return used_bytes

    def end(self, grace_s: float = GRACE_S) -> None:
        """SIGTERM to all, SIGKILL to those still there after the grace time.

        Raises CourseError when one is there even then.
        """
        self._refresh(everywhere=True)
        self._signal(signal.SIGTERM)
        deadline_s = time.monotonic() + grace_s
        while self._refresh() and time.monotonic() < deadline_s:
            time.sleep(INTERVAL_S / 5)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.root.pid, signal.SIGKILL)  # finds those too that have emptied their environment
        deadline_s = time.monotonic() + max(grace_s, GRACE_S)
        while self._refresh(everywhere=True):
            if time.monotonic() > deadline_s:
                pids = sorted(member.pid for member in self.members)
                raise CourseError(f"Processes {pids} should have ended, but did not: kill them by hand.")
            self._signal(signal.SIGKILL)  # again each time: a member may have forked while the others were ended
            time.sleep(INTERVAL_S / 5)
        self.root.wait()

    def _refresh(self, everywhere: bool = False) -> set[psutil.Process]:
        """The members that are alive. everywhere: look at all processes of the machine, which takes milliseconds."""
        found: set[psutil.Process] = set()
        for member in sorted(self.members, key=lambda member: member.pid != self.root.pid):
            # Each look reads the whole process table, ten times a second; the root's finds nearly all.
            if member not in found:
                with contextlib.suppress(psutil.Error):
                    found.update(member.children(recursive=True))
        self.members |= found
        if everywhere:
            self.members.update(filter(self._is_marked, psutil.process_iter()))
        self.root.poll()  # reaps it: a zombie would keep its number, and psutil would still see it
        self.members = set(filter(_is_alive, self.members))
        return self.members

    def _is_marked(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error, OSError):
            return process.environ().get(TREE, "").startswith(self.mark)
        return False

    def _signal(self, sig: signal.Signals) -> None:
        """Once to each: torchrun's agent takes a second SIGTERM for an error in its tidying up."""
        for member in self.members:
            with contextlib.suppress(psutil.Error):
                member.send_signal(sig)


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _resident_bytes(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0
