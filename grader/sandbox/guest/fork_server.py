"""The process inside the sandbox: it loads a lab's imports once, then forks a guest for each submission.

    python -m grader.sandbox.guest.fork_server CONTROL_FD PAYLOAD < setup.json

PAYLOAD: the module to serve, `grader.sandbox.guest.worker` for a submission, `grader.sandbox.checking.run_checks` for
its checks, each in a sandbox of its own. Its `prepare(setup)` runs once and its `serve(state, sockets)` in every fork.
Standard input: the setup, {"cells": [[name, source], ...], ...}. CONTROL_FD: a socket to the trusted side, on which

1. this process writes the line "ready" when the setup cells have run;
2. the trusted side sends one JSON object, the limits, and with it two file descriptors (SCM_RIGHTS): the sockets that
   the payload serves. That starts a guest. One runs at a time;
3. the trusted side sends one byte when it has had enough;
4. this process kills what is left of the guest and writes one line of JSON, {"reason", "peak_bytes", "fault"}: the
   limit that it broke or null, and why the kernel refused to isolate it or "". Then 2 again.

Loading torch takes seconds and a fork milliseconds, so every submission gets a process of its own that has loaded
everything, and what it changes ends with it. A guest is two processes, because a new process namespace holds only for
children of the one that asked for it:

    fork server ── fork ──> waiter: unshares its namespaces, mounts, forks, then waits
                              └── fork ──> worker: process 1 of the namespace; limits itself, drops privileges, serves

When process 1 of a namespace ends, the kernel kills all others in it (pid_namespaces(7)). That is why no descendant of
a submission outlives it, whatever it forks, detaches or ignores.
"""

import contextlib
import functools
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psutil
import torch

from grader.sandbox.guest import isolation, memory, system_calls

POLL_S = 0.02
NICENESS = 10
# Twice what `isolation` lets the kernel allow, which keeps no such limit for the machine's administrator.
THREADS_PER_PROCESS = 2 * isolation.TASKS_PER_PROCESS
EX_SOFTWARE = 70  # sysexits.h


def main(control_fd: int, payload: str) -> None:
    """Serve submissions until the other side closes the control socket. payload: the module that is served."""
    control = socket.socket(fileno=control_fd)
    # A fork copies only the thread that calls it: with a pool of threads torch would wait in the child for ever.
    torch.set_num_threads(1)
    module = importlib.import_module(payload)
    try:
        state = module.prepare(json.load(sys.stdin))
    except RuntimeError as error:
        raise SystemExit(str(error)) from error
    # Objects that the collector never looks at again stay in pages that parent and children share.
    gc.collect()
    gc.freeze()
    control.sendall(b"ready\n")
    while True:
        message, sockets, *_ = socket.recv_fds(control, 65536, 2)
        if not message:
            return
        guest = GuestProcesses(json.loads(message), sockets, control)
        guest.start(functools.partial(module.serve, state))
        control.sendall(json.dumps(guest.watch()).encode() + b"\n")


class GuestProcesses:
    """One submission's processes, seen from the fork server, and the limits that they must keep to.

    waiter_pid: our child. worker_pid: its child, as numbered here. inherited_bytes: memory that each has from the fork.
    """

    def __init__(self, limits: dict[str, Any], sockets: list[int], control: socket.socket):
        self.limits, self.sockets, self.control = limits, sockets, control
        self.waiter_pid, self.worker_pid, self.peak_bytes, self.fault = 0, 0, 0, ""
        if limits["sandboxed"]:
            # Made here once, not by each guest. Where that fails, the guest's own attempt tells the trusted side.
            with contextlib.suppress(ImportError, RuntimeError):
                system_calls.filters()
        self.inherited_bytes, self.alone_bytes = memory.resident_bytes(os.getpid()), _alone_bytes()

    def start(self, serve: Callable[[Sequence[socket.socket]], None]) -> None:
        """Fork; the child never returns. serve: what it does with its sockets."""
        # What stands in a buffer now would be written by every guest once more.
        sys.stdout.flush()
        sys.stderr.flush()
        read_end, write_end = os.pipe()
        self.waiter_pid = os.fork()
        if self.waiter_pid == 0:
            try:
                os.close(read_end)
                self._run_guest(serve, write_end)
            except Exception as error:
                # Before any code of a student's: then this descriptor is closed.
                _ignoring_errors(os.write, write_end, f"\n{error}".encode())
            finally:
                # Never back into the fork server's own loop, and past its atexit handlers and buffers.
                os._exit(EX_SOFTWARE)
        # Our copies: the trusted side sees the end of a connection only when the guest holds the last one.
        for handle in (*self.sockets, write_end):
            os.close(handle)
        # The waiter tells the worker's pid as numbered here. What fails before a student's code runs comes after it.
        with os.fdopen(read_end) as line:
            worker_pid, _, self.fault = line.read().partition("\n")
        self.worker_pid = int(worker_pid or 0)

    def watch(self) -> dict[str, Any]:
        """Until the other side has had enough: end the guest when it breaks a limit, and in any case then."""
        reason, waiter_ended = None, False
        while not select.select([self.control], [], [], POLL_S)[0]:
            # Reaped at once, since a zombie's pid would count as a process of the guest.
            waiter_ended = waiter_ended or os.waitpid(self.waiter_pid, os.WNOHANG)[0] != 0
            reason = reason or self._broken_limit()
            if reason:
                self._kill()
        self.control.recv(1)
        reason = reason or self._broken_limit()
        self._kill()
        if not waiter_ended:
            _ignoring_errors(os.waitpid, self.waiter_pid, 0)
        return {"reason": reason, "peak_bytes": self.peak_bytes, "fault": self.fault}

    def _guest_pids(self) -> list[int]:
        """Processes that the submission has started, without the one that waits for them.

        In the sandbox /proc shows every process in it, those of nested namespaces too, and only one guest runs at a
        time: whatever is not the sandbox's first process or one of ours is the guest's, also an orphan that no longer
        has our child for an ancestor. A list of what ran before would not do, since numbers are given again.
        """
        if self.limits["sandboxed"]:
            return sorted(set(_pids()) - {1, os.getpid(), self.waiter_pid})
        return [child.pid for child in _descendants(self.waiter_pid)]

    def _broken_limit(self) -> str | None:
        """The limit that is broken, if any."""
        pids = self._guest_pids()
        if len(pids) > self.limits["processes"]:
            return "processes"
        if sum(len(memory.threads(pid)) for pid in pids) > THREADS_PER_PROCESS * self.limits["processes"]:
            return "processes"
        sizes, files = [memory.resident_bytes(pid) for pid in pids], self._file_bytes()
        self.peak_bytes = max(self.peak_bytes, files + sum(max(0, size - self.inherited_bytes) for size in sizes))
        # Twice: a fork between two of the readings would count pages of its parent again.
        most_bytes = self.limits["memory_bytes"] - files - memory.socket_bytes(pids)
        if sum(sizes) > most_bytes and all(self._proportional_bytes() > most_bytes for _ in range(2)):
            return "memory"
        return None

    def _proportional_bytes(self) -> int:
        """What the guest holds beside what the fork server held before it; pages that are shared count once."""
        return memory.proportional_bytes([os.getpid(), self.waiter_pid, *self._guest_pids()]) - self.alone_bytes

    def _file_bytes(self) -> int:
        # Without a sandbox /tmp is the machine's own.
        return memory.file_bytes(self.waiter_pid) if self.limits["sandboxed"] else 0

    def _kill(self) -> None:
        """End every process of the guest. With the first of a namespace all others end, however fast they multiply."""
        while pids := self._guest_pids():
            for pid in filter(None, (self.worker_pid, *pids)):
                _ignoring_errors(os.kill, pid, signal.SIGKILL)
            time.sleep(POLL_S / 10)

    def _run_guest(self, serve: Callable[[Sequence[socket.socket]], None], write_end: int) -> None:
        """In the child: new namespaces, then a child in them that serves, with less claim to a core than we have."""
        # A submission must not reach the control socket: whoever writes there speaks for the fork server.
        self.control.close()
        isolation.close_others({*self.sockets, write_end})
        sockets = [socket.socket(fileno=handle) for handle in self.sockets]
        if self.limits["sandboxed"]:
            isolation.unshare(self.limits["disk_bytes"])
        worker_pid = os.fork()
        if worker_pid:
            # The waiter, still in the old process namespace, so this is the number that the fork server can kill.
            os.write(write_end, str(worker_pid).encode())
            os.close(write_end)
            for each in sockets:
                each.close()
            os.waitpid(worker_pid, 0)
            os._exit(0)
        # Out of the fork server's process group, for kill(0, SIGKILL) and setpriority(PRIO_PGRP, 0) reach all of it,
        # across process namespaces.
        os.setsid()
        # The fork server's watch and the trusted side must get their turn beside a guest that never rests.
        os.nice(NICENESS)
        os.close(0)
        os.open(os.devnull, os.O_RDONLY)  # the lowest number that is free: 0
        isolation.limit(self.limits)
        # Last, since mounting and mapping took the capabilities that end here.
        if self.limits["sandboxed"]:
            isolation.drop_privileges()
        os.chdir("/tmp")
        os.close(write_end)
        serve(sockets)


def _pids() -> Iterator[int]:
    return (int(entry) for entry in os.listdir("/proc") if entry.isdigit())


@functools.cache
def _alone_bytes() -> int:
    """What this process holds, measured before the first guest shares it."""
    return memory.proportional_bytes([os.getpid()])


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
    main(int(sys.argv[1]), sys.argv[2])
