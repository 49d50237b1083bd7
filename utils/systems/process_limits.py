"""A command under a wall-clock and a memory limit; when one is broken, its whole process tree ends."""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

INTERVAL_S = 0.1
GRACE_S = 2.0
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
    Raises ValueError for a limit that is not positive; FileNotFoundError when the program does not exist.
    """
    if timeout_s <= 0 or (memory_bytes is not None and memory_bytes <= 0):
        raise ValueError(f"limits must be positive, but timeout_s={timeout_s} and memory_bytes={memory_bytes} came")
    with tempfile.TemporaryDirectory(prefix="watchdog-") as folder:
        out, err = Path(folder, "stdout"), Path(folder, "stderr")
        with out.open("wb") as stdout, err.open("wb") as stderr:
            start_s = time.monotonic()
            process = subprocess.Popen(
                list(map(os.fspath, command)),
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
            tree = _Tree(process)
            try:
                ended_by = _watch(process, tree, start_s + timeout_s, memory_bytes)
                wall_s = time.monotonic() - start_s
            finally:
                tree.end()
                returncode = process.wait()
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in (out, err)]
    return Outcome(returncode, wall_s, tree.peak_bytes, *texts, ended_by)


def tail(said: str) -> str:
    """The last lines of what a process said, without colours and control characters."""
    lines = [UNPRINTABLE.sub("", line)[:LONGEST_LINE] for line in said.splitlines()]
    last = [line for line in lines if line.strip()][-LAST_LINES:]
    return "\n".join(["Its last lines:", *last]) if last else "It printed nothing."


def _watch(process: subprocess.Popen, tree: "_Tree", deadline_s: float, memory_bytes: int | None) -> str:
    """Sample the tree until the command exits or breaks a limit; returns Outcome.ended_by."""
    while True:
        used_bytes = tree.sample()
        if process.poll() is not None:
            return "exit"
        if memory_bytes is not None and used_bytes > memory_bytes:
            return "memory"
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            return "timeout"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(min(INTERVAL_S, left_s))


class _Tree:
    """A command's process and every process seen below it.

    Members are remembered: a Jupyter kernel leaves its parent's process group, and a child whose parent
    died is no longer its descendant, yet both must be counted and ended.
    """

    def __init__(self, root: subprocess.Popen):
        self.root = root
        self.members: set[psutil.Process] = set()
        self.peak_bytes = 0
        with contextlib.suppress(psutil.NoSuchProcess):
            self.members.add(psutil.Process(root.pid))

    def sample(self) -> int:
        """Resident bytes of the tree now; takes in new members, lets go of ended ones, keeps the peak."""
        self._refresh()
        used_bytes = sum(map(_resident_bytes, self.members))
        self.peak_bytes = max(self.peak_bytes, used_bytes)
        return used_bytes

    def end(self) -> None:
        """SIGTERM to all, SIGKILL to those still there after the grace time."""
        for sig in (signal.SIGTERM, signal.SIGKILL):
            self._refresh()
            self._signal(sig)
            deadline_s = time.monotonic() + GRACE_S
            while self._refresh() and time.monotonic() < deadline_s:
                time.sleep(INTERVAL_S / 5)

    def _refresh(self) -> set[psutil.Process]:
        for member in list(self.members):
            with contextlib.suppress(psutil.Error):
                self.members.update(member.children(recursive=True))
        self.root.poll()
        self.members = set(filter(_is_alive, self.members))
        return self.members

    def _signal(self, sig: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.root.pid, sig)
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
