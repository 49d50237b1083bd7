"""A sandbox of bubblewrap around `grader.inside`, and one job in it per submission.

Without a network, over a read-only system, with no sight of the checkout but `utils` and these two modules. Where
bubblewrap cannot be had, grading refuses, unless it is told to go on unsafely.
"""

import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader import inside, wire
from utils.runtime import CourseError, project_root

OURS = "/course"
START_S = 120
MEBIBYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """What a submission may use: seconds for a cell or an exercise's checks, seconds and processor seconds in all, its
    own memory, processes, files, what it prints.
    """

    exercise_s: float = 30.0
    total_s: float = 300.0
    cpu_s: int = 300
    memory_bytes: int = 2048 * MEBIBYTE
    processes: int = 16
    disk_bytes: int = 64 * MEBIBYTE
    printed_bytes: int = MEBIBYTE


class Stopped(BaseException):
    """The job has ended before it answered; no check may take it for a student's error.

    reason: "time", "memory", "processes", "output", "ended" or "garbled".
    """

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


def require() -> None:
    """Raises CourseError where bubblewrap is missing or does not work."""
    if shutil.which("bwrap") is None:
        raise CourseError(
            "Grading needs bubblewrap, and bwrap is not installed: install the package bubblewrap (Debian, Ubuntu, "
            "Fedora), or give --unsafe to run submissions without any protection."
        )
    probe = subprocess.run(["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"], capture_output=True, text=True)
    if probe.returncode:
        raise CourseError(
            f"bubblewrap should start a sandbox, but it said {probe.stderr.strip()!r}: allow user namespaces on this "
            "machine, or give --unsafe to run submissions without any protection."
        )


class Sandbox:
    """One process with a lab's imports loaded, from which jobs are forked one at a time.

    setup: the released cells that exercises depend on, as (name, source). sandboxed: False runs without protection.
    """

    def __init__(self, setup: Sequence[tuple[str, str]], sandboxed: bool = True):
        self.setup, self.sandboxed = list(setup), sandboxed
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Sandbox":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def start(self) -> None:
        """Load the imports. Raises CourseError when that fails."""
        self.control, theirs = socket.socketpair()
        with theirs, tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile() as errors:
            json.dump(self.setup, given)
            given.seek(0)
            command = _command(theirs.fileno(), self.sandboxed)
            self.process = subprocess.Popen(
                command,
                stdin=given,
                stdout=errors,
                stderr=errors,
                pass_fds=[theirs.fileno()],
                env=_environment(),
            )
            self.lines = self.control.makefile("r")
            self.control.settimeout(START_S)
            if self.lines.readline() != "ready\n":
                self.close()
                errors.seek(0)
                tail = errors.read()[-500:].decode(errors="replace").strip()
                raise CourseError(f"The sandbox should load the lab's imports, but it ended: {tail}")

    def close(self) -> None:
        """End everything inside."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.lines.close()
            self.control.close()
            self.process = None

    @contextlib.contextmanager
    def job(self, limits: Limits) -> Iterator["Job"]:
        """A fresh copy of the process for one submission."""
        if self.process is None or self.process.poll() is not None:
            self.close()
            self.start()
        pairs = [socket.socketpair() for _ in range(2)]
        settings = json.dumps(asdict(limits) | {"sandboxed": self.sandboxed}).encode()
        socket.send_fds(self.control, [settings], [theirs.fileno() for _, theirs in pairs])
        for _, theirs in pairs:
            theirs.close()
        job = Job(pairs[0][0], pairs[1][0], limits)
        try:
            yield job
        finally:
            job.close()
            self._end(job)

    def _end(self, job: "Job") -> None:
        """Have the job's processes killed, and learn what they used."""
        try:
            self.control.sendall(b"x")
            report = json.loads(self.lines.readline())
        except (OSError, ValueError):
            self.close()
            return
        job.peak_bytes = report["peak_bytes"]
        if report["reason"] not in (None, "stopped"):
            job.reason = report["reason"]


class Job:
    """The trusted end of one submission's process."""

    def __init__(self, calls: socket.socket, printed: socket.socket, limits: Limits):
        self.calls, self.limits = calls, limits
        self.peak_bytes, self.reason = 0, None
        self.printed = bytearray()
        self._reader = threading.Thread(target=self._read, args=(printed,), daemon=True)
        self._reader.start()
        self._states = None

    def close(self) -> None:
        """Hang up; the sandbox then ends what still runs."""
        self.calls.close()

    def cell(self, name: str, source: str, deadline: float) -> dict | None:
        """Run a cell; None, or what it raised. deadline: by time.monotonic(). Raises Stopped."""
        self._send({"do": "cell", "name": name, "source": source}, wire.Encoder({}))
        return self._receive(deadline)[0]["raised"]

    def call(self, name: str, arguments: tuple, options: dict, names: dict[str, Any], deadline: float) -> Any:
        """Call a function that a cell has defined; what it does to lists and arrays given to it happens here too.

        names: objects that both sides hold by the same name.
        Raises what the function raised, of the nearest built-in kind, or Stopped.
        """
        callbacks: list[Callable] = []
        encoder = wire.Encoder(names, callbacks, trusted=True)
        shared = inside.states()
        tree = {
            "do": "call",
            "function": name,
            "arguments": encoder.encode(arguments),
            "options": encoder.encode(options),
            "states": None if shared == self._states else encoder.encode(shared),
        }
        self._send(tree, encoder)
        self._states = shared
        answer, blob = self._receive(deadline)
        while "callback" in answer:
            self._call_back(answer, blob, callbacks, names)
            answer, blob = self._receive(deadline)
        return self._answer(answer, wire.Decoder(blob, names), arguments)

    def _answer(self, answer: dict, decoder: wire.Decoder, arguments: tuple) -> Any:
        try:
            if answer["after"] is not None:
                _write_back(arguments, decoder.decode(answer["after"]))
            if answer["states"] is not None:
                self._states = decoder.decode(answer["states"])
                inside.set_states(self._states)
            if "raised" not in answer:
                return decoder.decode(answer["value"])
            error = inside.raised(answer["raised"])
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as fault:
            raise Stopped("garbled") from fault
        raise error

    def _call_back(self, answer: dict, blob: bytes, callbacks: list[Callable], names: dict[str, Any]) -> None:
        """A function that a check passed in is called with plain values."""
        decoder, encoder = wire.Decoder(blob, names), wire.Encoder(names, callbacks, trusted=True)
        try:
            function = callbacks[answer["callback"]]
            arguments, options = decoder.decode(answer["arguments"]), decoder.decode(answer["options"])
        except (KeyError, TypeError, IndexError, wire.WireError) as fault:
            raise Stopped("garbled") from fault
        try:
            reply = {"value": encoder.encode(function(*arguments, **options))}
        except Exception as error:
            reply = {"raised": inside.described(error)}
        self._send(reply, encoder)

    def _send(self, tree: dict, encoder: wire.Encoder) -> None:
        try:
            self.calls.settimeout(START_S)
            self.calls.sendall(encoder.message(tree))
        except OSError as error:
            raise Stopped(self.reason or "ended") from error

    def _receive(self, deadline: float) -> tuple[dict, bytes]:
        try:
            self.calls.settimeout(max(0.001, deadline - time.monotonic()))
            tree, blob = wire.receive(_Patient(self.calls, deadline, self))
        except TimeoutError as error:
            raise Stopped("time") from error
        except (EOFError, OSError) as error:
            raise Stopped(self.reason or "ended") from error
        except wire.WireError as error:
            raise Stopped("garbled") from error
        if type(tree) is not dict or not {"raised", "value", "callback"} & set(tree):
            raise Stopped("garbled")
        return tree, blob

    def _read(self, printed: socket.socket) -> None:
        """Keep the beginning of what is printed; too much of it ends the job."""
        seen = 0
        with printed, contextlib.suppress(OSError):
            while part := printed.recv(65536):
                seen += len(part)
                self.printed += part[: max(0, self.limits.printed_bytes - len(self.printed))]
                if seen > self.limits.printed_bytes:
                    self.reason = "output"
                    self.calls.shutdown(socket.SHUT_RDWR)
                    return


class _Patient:
    """A socket whose every read ends by one deadline, however slowly the other side writes."""

    def __init__(self, connection: socket.socket, deadline: float, job: Job):
        self.connection, self.deadline, self.job = connection, deadline, job

    def recv(self, count: int) -> bytes:
        left = self.deadline - time.monotonic()
        if left <= 0 or not select.select([self.connection], [], [], left)[0]:
            raise TimeoutError
        return self.connection.recv(count)


def _write_back(old: Any, new: Any) -> None:
    """What a call wrote into its arguments is written into ours."""
    if type(old) is not type(new):
        return
    if isinstance(old, tuple):
        for mine, theirs in zip(old, new, strict=False):
            _write_back(mine, theirs)
    elif isinstance(old, list):
        for mine, theirs in zip(old, new, strict=False):
            _write_back(mine, theirs)
        old[:] = [_kept(old[i], part) if i < len(old) else part for i, part in enumerate(new)]
    elif isinstance(old, dict):
        kept = {key: _kept(old[key], part) if key in old else part for key, part in new.items()}
        old.clear()
        old.update(kept)
    elif isinstance(old, set):
        old.clear()
        old.update(new)
    elif hasattr(old, "set_state"):
        old.set_state(new.get_state())
    elif hasattr(old, "setstate"):
        old.setstate(new.getstate())
    elif hasattr(old, "shape") and old.shape == new.shape:
        _copy_into(old, new)


def _kept(old: Any, new: Any) -> Any:
    """The object we had, after it has taken the new value, where it can; else the new one."""
    mutable = isinstance(old, list | dict | set) or (hasattr(old, "shape") and getattr(old, "shape", ()) != ())
    if type(old) is type(new) and mutable and getattr(old, "shape", None) == getattr(new, "shape", None):
        _write_back(old, new)
        return old
    return new


def _copy_into(old: Any, new: Any) -> None:
    if hasattr(old, "detach"):
        old.detach().copy_(new.detach())
    elif old.flags.writeable:
        old[...] = new


def _command(control_fd: int, sandboxed: bool) -> list[str]:
    """What starts `grader.inside`: in bubblewrap, or bare."""
    run = [sys.executable, "-m", "grader.inside", str(control_fd)]
    if not sandboxed:
        return run
    bare = ["--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--proc", "/proc", "--dev", "/dev"]
    links = [(path, os.readlink(path)) for path in ("/bin", "/lib", "/lib64", "/sbin") if os.path.islink(path)]
    mounts = [word for path, target in links for word in ("--symlink", target, path)]
    for folder in _system_folders():
        mounts += ["--ro-bind", folder, folder]
    code, grader = project_root(), Path(__file__).parent
    mounts += ["--ro-bind", str(code / "utils"), f"{OURS}/utils", "--dir", f"{OURS}/grader", "--tmpfs", "/tmp"]
    for module in ("wire.py", "inside.py"):
        mounts += ["--ro-bind", str(grader / module), f"{OURS}/grader/{module}"]
    variables = [word for pair in _environment(OURS).items() for word in ("--setenv", *pair)]
    return ["bwrap", *bare, *mounts, *variables, "--chdir", OURS, "--remount-ro", "/", *run]


def _system_folders() -> list[str]:
    """What Python needs to run, read-only: /usr, its own installation, the environment's packages."""
    found = {
        "/usr",
        sys.prefix,
        sys.base_prefix,
        sysconfig.get_paths()["stdlib"],
        str(Path(sys.executable).resolve().parent),
    }
    found |= {path for path in ("/lib", "/lib64", "/bin") if os.path.isdir(path) and not os.path.islink(path)}
    found |= {"/etc/ld.so.cache"} if os.path.exists("/etc/ld.so.cache") else set()
    return sorted(path for path in found if not any(path != other and path.startswith(f"{other}/") for other in found))


def _environment(root: str | None = None) -> dict[str, str]:
    """All that a submission may see of an environment."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONPATH": root or str(project_root()),
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
