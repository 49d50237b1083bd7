"""The process inside the sandbox: it loads a lab's imports once, then forks one job per submission.

    python -m grader.sandbox.guest.fork_server CONTROL_FD < setup.json

Standard input: the released setup cells, [[name, source], ...]. CONTROL_FD: a socket on which each message starts one
job and hands over its two sockets, for calls and for what it prints. A job gets processes, folders and inter-process
names of its own, and none of its descendants outlives it.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import torch

from grader.sandbox.guest import isolation
from grader.sandbox.guest.worker import Server, run_cell

POLL_S = 0.02
WEIGH_EVERY = 3
NICER = 10


def main(control_fd: int) -> None:
    """Serve jobs until the other side closes the control socket."""
    control = socket.socket(fileno=control_fd)
    names = {"__name__": "__main__"}
    torch.set_num_threads(1)
    for name, source in json.load(sys.stdin):
        problem = run_cell(name, source, names)
        if problem:
            raise SystemExit(f"The setup cell {name} failed: {problem['kinds'][0]} {problem['message']}")
    gc.collect()
    gc.freeze()
    control.sendall(b"ready\n")
    while True:
        message, sockets, *_ = socket.recv_fds(control, 65536, 2)
        if not message:
            return
        job = Job(json.loads(message), sockets, control)
        job.start(names)
        control.sendall(json.dumps(job.watch()).encode() + b"\n")


class Job:
    """One submission's processes, and the limits they keep to."""

    def __init__(self, limits: dict[str, Any], sockets: list[int], control: socket.socket):
        self.limits, self.sockets, self.control = limits, sockets, control
        self.pid, self.first, self.peak_bytes, self.ours = 0, 0, 0, set(_processes())

    def start(self, names: dict[str, Any]) -> None:
        """Fork; the child never returns."""
        told, tell = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(told)
                self._become(names, tell)
            finally:
                os._exit(70)
        for handle in (*self.sockets, tell):
            os.close(handle)
        with os.fdopen(told) as line:
            self.first = int(line.read() or 0)

    def watch(self) -> dict[str, Any]:
        """Until the other side has had enough: end the job when it breaks a limit, and in any case then."""
        reason, ended, turn = None, False, 0
        while not select.select([self.control], [], [], POLL_S)[0]:
            turn += 1
            ended = ended or os.waitpid(self.pid, os.WNOHANG)[0] != 0
            reason = reason or self._broken_limit(weigh=turn % WEIGH_EVERY == 0)
            if reason:
                self._kill()
        self.control.recv(1)
        reason = reason or self._broken_limit(weigh=True)
        self._kill()
        if not ended:
            _quietly(os.waitpid, self.pid, 0)
        return {"reason": reason, "peak_bytes": self.peak_bytes}

    def _others(self) -> list[int]:
        """Processes that the job has started, without the one that waits for them."""
        if self.limits["sandboxed"]:
            return sorted(pid for pid in _processes() if pid not in self.ours and pid != self.pid)
        return [child.pid for child in _descendants(self.pid)]

    def _broken_limit(self, weigh: bool) -> str | None:
        """weigh: whether memory is looked at too, which takes milliseconds."""
        others = self._others()
        if len(others) > self.limits["processes"]:
            return "processes"
        if not weigh:
            return None
        held = sum(map(_private_bytes, others))
        self.peak_bytes = max(self.peak_bytes, held)
        return "memory" if held > self.limits["memory_bytes"] else None

    def _kill(self) -> None:
        """End every process of the job. With the first of a namespace all others end, however fast they multiply."""
        while others := self._others():
            for pid in filter(None, (self.first, *others)):
                _quietly(os.kill, pid, signal.SIGKILL)
            time.sleep(POLL_S / 10)

    def _become(self, names: dict[str, Any], tell: int) -> None:
        """In the child: new namespaces, then a grandchild in them that serves calls, with less claim to a core."""
        self.control.close()
        calls, printed = (socket.socket(fileno=handle) for handle in self.sockets)
        if self.limits["sandboxed"]:
            isolation.unshare(self.limits["disk_bytes"])
        grandchild = os.fork()
        if grandchild:
            os.write(tell, str(grandchild).encode())
            os.close(tell)
            calls.close()
            printed.close()
            os.waitpid(grandchild, 0)
            os._exit(0)
        os.close(tell)
        os.nice(NICER)
        for stream in (1, 2):
            os.dup2(printed.fileno(), stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        printed.close()
        isolation.limit(self.limits)
        if self.limits["sandboxed"]:
            isolation.drop_privileges()
        os.chdir("/tmp")
        Server(calls, names).serve()


def _processes() -> Iterator[int]:
    return (int(entry) for entry in os.listdir("/proc") if entry.isdigit())


def _private_bytes(pid: int) -> int:
    """Memory that no other process shares."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def _descendants(pid: int) -> list[psutil.Process]:
    """For grading without a sandbox: what still has this process as an ancestor."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _quietly(function, *arguments) -> None:
    try:
        function(*arguments)
    except OSError:
        return


if __name__ == "__main__":
    main(int(sys.argv[1]))
