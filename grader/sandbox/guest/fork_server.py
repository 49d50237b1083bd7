"""The process inside the sandbox: it loads a lab's imports once, then forks a guest for each submission.

    python -m grader.sandbox.guest.fork_server CONTROL_FD < setup.json

Standard input: the released setup cells, [[name, source], ...]. CONTROL_FD: a socket to the trusted side, on which

1. this process writes the line "ready" when the setup cells have run;
2. the trusted side sends one JSON object, the limits, and with it two file descriptors (SCM_RIGHTS): the sockets for
   requests and for what is printed. That starts a guest. One runs at a time;
3. the trusted side sends one byte when it has had enough;
4. this process kills what is left of the guest and writes one line of JSON, {"reason", "peak_bytes"}. Then 2 again.

Loading torch takes seconds and a fork milliseconds, so every submission gets a process of its own that has loaded
everything, and what it changes ends with it. A guest is two processes, because a new process namespace holds only for
children of the one that asked for it:

    fork server ── fork ──> waiter: unshares its namespaces, mounts, forks, then waits
                              └── fork ──> worker: process 1 of the namespace; limits itself, drops privileges, serves

When process 1 of a namespace ends, the kernel kills all others in it (pid_namespaces(7)). That is why no descendant of
a submission outlives it, whatever it forks, detaches or ignores.
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
from grader.sandbox.guest.worker import Worker, run_cell

POLL_S = 0.02
MEASURE_EVERY = 3
NICENESS = 10
EX_SOFTWARE = 70  # sysexits.h


def main(control_fd: int) -> None:
    """Serve submissions until the other side closes the control socket."""
    control = socket.socket(fileno=control_fd)
    namespace = {"__name__": "__main__"}
    # A fork copies only the thread that calls it: with a pool of threads torch would wait in the child for ever.
    torch.set_num_threads(1)
    for name, source in json.load(sys.stdin):
        error = run_cell(name, source, namespace)
        if error:
            raise SystemExit(f"The setup cell {name} failed: {error['builtin_kinds'][0]} {error['message']}")
    # Objects that the collector never looks at again stay in pages that parent and children share.
    gc.collect()
    gc.freeze()
    control.sendall(b"ready\n")
    while True:
        message, sockets, *_ = socket.recv_fds(control, 65536, 2)
        if not message:
            return
        guest = GuestProcesses(json.loads(message), sockets, control)
        guest.start(namespace)
        control.sendall(json.dumps(guest.watch()).encode() + b"\n")


class GuestProcesses:
    """One submission's processes, seen from the fork server, and the limits that they must keep to.

    waiter_pid: our child. worker_pid: its child, as numbered here. pids_before: what ran before it.
    """

    def __init__(self, limits: dict[str, Any], sockets: list[int], control: socket.socket):
        self.limits, self.sockets, self.control = limits, sockets, control
        self.waiter_pid, self.worker_pid, self.peak_bytes, self.pids_before = 0, 0, 0, set(_pids())

    def start(self, namespace: dict[str, Any]) -> None:
        """Fork; the child never returns."""
        read_end, write_end = os.pipe()
        self.waiter_pid = os.fork()
        if self.waiter_pid == 0:
            try:
                os.close(read_end)
                self._run_guest(namespace, write_end)
            finally:
                # Never back into the fork server's own loop, and past its atexit handlers and buffers.
                os._exit(EX_SOFTWARE)
        # Our copies: the trusted side sees the end of a connection only when the guest holds the last one.
        for handle in (*self.sockets, write_end):
            os.close(handle)
        # The waiter tells the worker's pid as numbered here. It ends without a word where isolation fails: 0 then.
        with os.fdopen(read_end) as line:
            self.worker_pid = int(line.read() or 0)

    def watch(self) -> dict[str, Any]:
        """Until the other side has had enough: end the guest when it breaks a limit, and in any case then."""
        reason, waiter_ended, turn = None, False, 0
        while not select.select([self.control], [], [], POLL_S)[0]:
            turn += 1
            # Reaped at once, since a zombie's pid would count as a process of the guest.
            waiter_ended = waiter_ended or os.waitpid(self.waiter_pid, os.WNOHANG)[0] != 0
            reason = reason or self._broken_limit(measure_memory=turn % MEASURE_EVERY == 0)
            if reason:
                self._kill()
        self.control.recv(1)
        reason = reason or self._broken_limit(measure_memory=True)
        self._kill()
        if not waiter_ended:
            _ignoring_errors(os.waitpid, self.waiter_pid, 0)
        return {"reason": reason, "peak_bytes": self.peak_bytes}

    def _guest_pids(self) -> list[int]:
        """Processes that the submission has started, without the one that waits for them.

        In the sandbox /proc shows every process in it, those of nested namespaces too, and only one guest runs at a
        time: whatever is new is the guest's, also an orphan that no longer has our child for an ancestor.
        """
        if self.limits["sandboxed"]:
            return sorted(pid for pid in _pids() if pid not in self.pids_before and pid != self.waiter_pid)
        return [child.pid for child in _descendants(self.waiter_pid)]

    def _broken_limit(self, measure_memory: bool) -> str | None:
        """The limit that is broken, if any. measure_memory: whether memory is looked at too: milliseconds a process."""
        pids = self._guest_pids()
        if len(pids) > self.limits["processes"]:
            return "processes"
        if not measure_memory:
            return None
        held_bytes = sum(map(_private_bytes, pids))
        self.peak_bytes = max(self.peak_bytes, held_bytes)
        return "memory" if held_bytes > self.limits["memory_bytes"] else None

    def _kill(self) -> None:
        """End every process of the guest. With the first of a namespace all others end, however fast they multiply."""
        while pids := self._guest_pids():
            for pid in filter(None, (self.worker_pid, *pids)):
                _ignoring_errors(os.kill, pid, signal.SIGKILL)
            time.sleep(POLL_S / 10)

    def _run_guest(self, namespace: dict[str, Any], write_end: int) -> None:
        """In the child: new namespaces, then a child in them that serves, with less claim to a core than we have."""
        # A submission must not reach the control socket: whoever writes there speaks for the fork server.
        self.control.close()
        calls, printed = (socket.socket(fileno=handle) for handle in self.sockets)
        if self.limits["sandboxed"]:
            isolation.unshare(self.limits["disk_bytes"])
        worker_pid = os.fork()
        if worker_pid:
            # The waiter, still in the old process namespace, so this is the number that the fork server can kill.
            os.write(write_end, str(worker_pid).encode())
            os.close(write_end)
            calls.close()
            printed.close()
            os.waitpid(worker_pid, 0)
            os._exit(0)
        os.close(write_end)
        # The fork server's watch and the trusted side must get their turn beside a guest that never rests.
        os.nice(NICENESS)
        for stream in (1, 2):
            os.dup2(printed.fileno(), stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        printed.close()
        isolation.limit(self.limits)
        # Last, since mounting and mapping took the capabilities that end here.
        if self.limits["sandboxed"]:
            isolation.drop_privileges()
        os.chdir("/tmp")
        Worker(calls, namespace).serve()


def _pids() -> Iterator[int]:
    return (int(entry) for entry in os.listdir("/proc") if entry.isdigit())


def _private_bytes(pid: int) -> int:
    """Memory that no other process shares: what a guest has written, without torch, which all have from the fork."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has just ended
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def _descendants(pid: int) -> list[psutil.Process]:
    """For grading without a sandbox, where /proc shows the whole machine: what still descends from this process."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _ignoring_errors(function, *arguments) -> None:
    try:
        function(*arguments)
    except OSError:
        return


if __name__ == "__main__":
    main(int(sys.argv[1]))
