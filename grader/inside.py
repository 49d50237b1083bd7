"""The process inside the sandbox: it loads a lab's imports once, then forks one job per submission.

    python -m grader.inside CONTROL_FD < setup.json

Standard input: the released setup cells, [[name, source], ...]. CONTROL_FD: a socket on which each message starts one
job and hands over its two sockets, for calls and for what it prints. A job gets processes, folders and inter-process
names of its own, and none of its descendants outlives it.
"""

import builtins
import ctypes
import gc
import json
import linecache
import os
import random
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import psutil
import torch

from grader import wire

NEW_MOUNTS, NEW_NAMES, NEW_IPC, NEW_USERS, NEW_PROCESSES = 0x20000, 0x04000000, 0x08000000, 0x10000000, 0x20000000
PRIVATE, NO_SUID_NO_DEV = 0x44000, 0x6
NO_NEW_PRIVILEGES, DROP_CAPABILITY, LAST_CAPABILITY = 38, 24, 63
POLL_S = 0.02
LONGEST_TEXT = 2000
libc = ctypes.CDLL(None, use_errno=True)


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
        self.pid, self.peak_bytes, self.ours = 0, 0, set(_processes())

    def start(self, names: dict[str, Any]) -> None:
        """Fork; the child never returns."""
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self._become(names)
            finally:
                os._exit(70)
        for handle in self.sockets:
            os.close(handle)

    def watch(self) -> dict[str, Any]:
        """Until the other side has had enough: end the job when it breaks a limit, and in any case then."""
        reason, ended = None, False
        while not select.select([self.control], [], [], POLL_S)[0]:
            ended = ended or os.waitpid(self.pid, os.WNOHANG)[0] != 0
            reason = reason or self._broken_limit()
            if reason:
                self._kill()
        self.control.recv(1)
        self._kill()
        if not ended:
            _quietly(os.waitpid, self.pid, 0)
        return {"reason": reason, "peak_bytes": self.peak_bytes}

    def _others(self) -> list[int]:
        """Processes that the job has started, without the one that waits for them."""
        if self.limits["sandboxed"]:
            return sorted(pid for pid in _processes() if pid not in self.ours and pid != self.pid)
        return [child.pid for child in _descendants(self.pid)]

    def _broken_limit(self) -> str | None:
        others = self._others()
        if len(others) > self.limits["processes"]:
            return "processes"
        held = sum(map(_private_bytes, others))
        self.peak_bytes = max(self.peak_bytes, held)
        return "memory" if held > self.limits["memory_bytes"] else None

    def _kill(self) -> None:
        """End every process of the job; the first to go is the one whose end takes the others with it."""
        while others := self._others():
            for pid in others:
                _quietly(os.kill, pid, signal.SIGKILL)
            time.sleep(POLL_S / 10)

    def _become(self, names: dict[str, Any]) -> None:
        """In the child: new namespaces, then a grandchild in them that serves calls."""
        self.control.close()
        calls, printed = (socket.socket(fileno=handle) for handle in self.sockets)
        if self.limits["sandboxed"]:
            _unshare(self.limits["disk_bytes"])
        grandchild = os.fork()
        if grandchild:
            calls.close()
            printed.close()
            os.waitpid(grandchild, 0)
            os._exit(0)
        for stream in (1, 2):
            os.dup2(printed.fileno(), stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        printed.close()
        _limit(self.limits)
        if self.limits["sandboxed"]:
            _drop_privileges()
        os.chdir("/tmp")
        Server(calls, names).serve()


class Server:
    """Answers the trusted side: runs cells, and calls the functions they define."""

    def __init__(self, calls: socket.socket, names: dict[str, Any]):
        self.calls, self.names, self.given, self.pid = calls, names, dict(names), os.getpid()

    def serve(self) -> None:
        """Until the connection ends."""
        try:
            while True:
                tree, blob = wire.receive(self.calls)
                if tree["do"] == "cell":
                    self._send({"raised": run_cell(tree["name"], tree["source"], self.names)})
                else:
                    self._send(*self._call(tree, blob))
        except EOFError:
            return

    def _call(self, tree: dict, blob: bytes) -> tuple[dict, wire.Encoder | None]:
        """The answer to one call, with the encoder that holds its arrays."""
        given = wire.Decoder(blob, self.given, self._callback, pickles=True)
        arguments, options = given.decode(tree["arguments"]), given.decode(tree["options"])
        if tree["states"] is not None:
            set_states(given.decode(tree["states"]))
        before, encoder = states(), wire.Encoder(self.given)
        try:
            value = self.names[tree["function"]](*arguments, **options)
            answer = {"value": encoder.encode(value)}
        except BaseException as error:
            answer = {"raised": described(error)}
        sent = wire.Encoder(self.given, trusted=True)
        answer["after"] = encoder.encode(arguments) if _changed(sent, arguments, tree["arguments"], blob) else None
        after = states()
        answer["states"] = encoder.encode(after) if after != before else None
        return answer, encoder

    def _callback(self, index: int):
        def call(*arguments, **options):
            encoder = wire.Encoder(self.given)
            tree = {"callback": index, "arguments": encoder.encode(arguments), "options": encoder.encode(options)}
            self._send(tree, encoder)
            reply, blob = wire.receive(self.calls)
            if "raised" in reply:
                raise raised(reply["raised"])
            return wire.Decoder(blob, self.given, self._callback, pickles=True).decode(reply["value"])

        return call

    def _send(self, tree: dict, encoder: wire.Encoder | None = None) -> None:
        if os.getpid() != self.pid:
            os._exit(0)  # a copy that a cell has forked: only one may answer
        self.calls.sendall((encoder or wire.Encoder({})).message(tree))


def run_cell(name: str, source: str, names: dict[str, Any]) -> dict | None:
    """Run a cell in a namespace; None, or what it raised."""
    file = f"<{name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    try:
        exec(compile(source, file, "exec"), names)
    except BaseException as error:
        return described(error)
    return None


def described(error: BaseException) -> dict:
    """An error as plain values: its built-in kinds from the nearest up, and its message."""
    kinds = [kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    try:
        message = str(error)[:LONGEST_TEXT]
    except BaseException:
        message = ""
    return {"kinds": kinds or ["Exception"], "name": type(error).__name__[:100], "message": message}


def raised(error: dict) -> Exception:
    """The exception that `described` has described, of its nearest built-in kind."""
    for name in error["kinds"]:
        kind = getattr(builtins, str(name), None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            try:
                return kind(str(error["message"]))
            except TypeError:  # such as UnicodeDecodeError, which wants five arguments
                continue
    return RuntimeError(str(error["message"]))


def states() -> tuple:
    """Of the three shared generators of random numbers: Python's, NumPy's, PyTorch's."""
    _, words, *rest = numpy.random.get_state()
    return random.getstate(), (words.tobytes(), *rest), torch.get_rng_state().numpy().tobytes()


def set_states(found: tuple) -> None:
    """Put all three back."""
    python, (words, *rest), pytorch = found
    random.setstate(python)
    numpy.random.set_state(("MT19937", numpy.frombuffer(words, numpy.uint32), *rest))
    torch.set_rng_state(torch.frombuffer(bytearray(pytorch), dtype=torch.uint8))


def _changed(encoder: wire.Encoder, arguments: Any, tree: Any, blob: bytes) -> bool:
    """Whether a call has written into what it was given."""
    try:
        now = encoder.encode(arguments)
    except Exception:
        return True
    return now != tree or b"".join(encoder.arrays) != blob[: sum(map(len, encoder.arrays))]


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


def _unshare(disk_bytes: int) -> None:
    """Own users, processes, mounts and names; an empty /tmp and /dev/shm of limited size; nothing in /proc."""
    user, group = os.getuid(), os.getgid()
    _checked(libc.unshare(NEW_USERS | NEW_PROCESSES | NEW_MOUNTS | NEW_IPC | NEW_NAMES), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    for folder, size in (("/tmp", disk_bytes), ("/dev/shm", disk_bytes), ("/proc", 4096)):
        options = f"size={size},mode=1777".encode()
        _checked(libc.mount(b"tmpfs", folder.encode(), b"tmpfs", NO_SUID_NO_DEV, options), f"mount {folder}")


def _limit(limits: dict[str, Any]) -> None:
    for what, most in (
        (resource.RLIMIT_FSIZE, limits["disk_bytes"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CPU, limits["cpu_s"]),
    ):
        resource.setrlimit(what, (most, most))
    if limits["sandboxed"]:
        resource.setrlimit(resource.RLIMIT_NPROC, (2 * limits["processes"], 2 * limits["processes"]))


def _drop_privileges() -> None:
    """No capability is left, and none can be had by starting a program."""
    _checked(libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no new privileges")
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(DROP_CAPABILITY, capability, 0, 0, 0)
    header, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    _checked(libc.capset(header, nothing), "drop capabilities")


def _checked(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def _quietly(function, *arguments) -> None:
    try:
        function(*arguments)
    except OSError:
        return


if __name__ == "__main__":
    main(int(sys.argv[1]))
