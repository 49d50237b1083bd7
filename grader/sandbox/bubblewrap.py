"""Sandboxes of bubblewrap, each around a `grader.sandbox.guest.fork_server`: one for submissions, one for their checks.

Without a network, over a read-only system, with no sight of the checkout but `utils` and the modules of their payload.
`fork_server` says what passes over the control socket. Where bubblewrap cannot be had, grading refuses, unless it is
told to go on unsafely.

Two layers hold a submission. Bubblewrap separates the lab's fork server from the machine; `guest.isolation` separates
each guest from the fork server and from the guests before and after it. The checks, which read what a guest sends, are
held by the same two layers in a sandbox of their own: it holds this lab's checks, and no other secret.

Source: man page bwrap(1).
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grader.records import Limits
from grader.sandbox.guest import system_calls
from utils.errors import CourseError
from utils.runtime import project_root

COURSE_FOLDER = "/course"
START_S, END_S = 120, 10
# Of a prefix of Python's: programs, libraries with packages, and the file that tells a virtual environment.
PYTHON_PARTS = ("bin", "lib", "lib64", "pyvenv.cfg")


@dataclass(frozen=True)
class Payload:
    """What a fork server serves. module: with `prepare` and `serve`. mounted: paths in the package `grader`."""

    module: str
    mounted: tuple[str, ...]


# Not what grades: a submission that could read `checking`, `judging` or a lab would know more than it should.
SUBMISSION = Payload(
    "grader.sandbox.guest.worker", ("__init__.py", "sandbox/__init__.py", "sandbox/guest", "sandbox/protocol")
)
CHECKS = Payload("grader.sandbox.checking.run_checks", (*SUBMISSION.mounted, "sandbox/checking"))


def require() -> None:
    """Raises CourseError where bubblewrap or libseccomp is missing or does not work."""
    if shutil.which("bwrap") is None:
        raise CourseError(
            "Grading needs bubblewrap, and bwrap is not installed: install the package bubblewrap (Debian, Ubuntu, "
            "Fedora), or give --unsafe to run submissions without any protection."
        )
    # An installed bwrap may still be unable to: many systems and containers forbid user namespaces.
    probe = subprocess.run(["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"], capture_output=True, text=True)
    if probe.returncode:
        raise CourseError(
            f"bubblewrap should start a sandbox, but it said {probe.stderr.strip()!r}: allow user namespaces on this "
            "machine, or give --unsafe to run submissions without any protection."
        )
    try:
        system_calls.binding()
    except (ImportError, RuntimeError) as error:
        raise CourseError(
            f"Grading needs libseccomp, which says which system calls a submission may use, but {error}: install the "
            "package libseccomp2 (Debian, Ubuntu) or libseccomp (Fedora), run `make setup`, or give --unsafe to run "
            "submissions without any protection."
        ) from error


@dataclass
class Fork:
    """One process of a fork server's. reason, peak_bytes: the limit it broke and what it held, known at its end."""

    reason: str = ""
    peak_bytes: int = 0


@dataclass(kw_only=True)
class Guest(Fork):
    """A submission's process. calls: the near end of its socket for messages. printed: the first of what it prints."""

    calls: socket.socket
    printed: bytearray = field(default_factory=bytearray)

    def read_printed(self, printed: socket.socket, most_bytes: int) -> None:
        """Keep the beginning of what is printed, until the end; too much of it ends the connection."""
        seen = 0
        with printed, contextlib.suppress(OSError):
            while part := printed.recv(65536):
                seen += len(part)
                self.printed += part[: max(0, most_bytes - len(self.printed))]
                if seen > most_bytes:
                    # In another thread: the reason first, then wake whoever waits for an answer.
                    self.reason = "output"
                    self.calls.shutdown(socket.SHUT_RDWR)
                    return


class Sandbox:
    """One process that has prepared its payload, from which others are forked one at a time.

    setup: for the payload's `prepare`. sandboxed: False runs without protection.
    """

    def __init__(self, payload: Payload, setup: dict[str, Any], sandboxed: bool = True):
        self.payload, self.setup, self.sandboxed = payload, setup, sandboxed
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Sandbox":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def start(self) -> None:
        """Load the imports. Raises CourseError when that fails."""
        self.begin()
        self.wait_until_ready()

    def begin(self) -> None:
        """Start loading, and go on: two sandboxes can load beside each other."""
        # A pair without a name, not a path or a port: nobody but who holds the ends can speak on it.
        self.control, guest_end = socket.socketpair()
        # Files, not pipes: nobody would read a pipe while we wait for "ready", and a full one would block the guest.
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed in `wait_until_ready`)
        with guest_end, tempfile.TemporaryFile("w+") as setup:
            json.dump(self.setup, setup)
            setup.seek(0)
            self.process = subprocess.Popen(
                _command(guest_end.fileno(), self.payload, self.sandboxed),
                stdin=setup,
                stdout=self.errors,
                stderr=self.errors,
                pass_fds=[guest_end.fileno()],
                env=_environment(),
            )
        self.lines = self.control.makefile("r")

    def wait_until_ready(self) -> None:
        """Raises CourseError with the last words of a process that could not load."""
        self.control.settimeout(START_S)
        try:
            line = self.lines.readline()
        except OSError:
            line = ""
        with self.errors:
            if line == "ready\n":
                return
            self.close()
            self.errors.seek(0)
            tail = self.errors.read()[-500:].decode(errors="replace").strip()
        raise CourseError(f"The sandbox should load the lab's imports, but it ended: {tail}")

    def close(self) -> None:
        """End everything inside."""
        if self.process is not None:
            # bwrap's child is process 1 of a namespace and dies with bwrap: no process inside outlives this.
            self.process.kill()
            self.process.wait()
            self.lines.close()
            self.control.close()
            self.process = None

    @contextlib.contextmanager
    def guest(self, limits: Limits) -> Iterator[Guest]:
        """A fresh copy of the process for one submission."""
        (calls, guest_calls), (printed, guest_printed) = socket.socketpair(), socket.socketpair()
        guest = Guest(calls=calls)
        # Read all the time: a guest whose output nobody takes would block in print() and look like an endless loop.
        reader = threading.Thread(target=guest.read_printed, args=(printed, limits.printed_bytes), daemon=True)
        reader.start()
        with calls, self.fork(limits, (guest_calls, guest_printed), guest):
            yield guest
        # All who could write have ended: what is left to read ends too.
        reader.join(END_S)

    @contextlib.contextmanager
    def fork(self, limits: Limits, sockets: Sequence[socket.socket], fork: Fork | None = None) -> Iterator[Fork]:
        """A fresh copy of the process that serves two sockets, which are closed here."""
        fork = fork or Fork()
        # Ours are closed, so that the end of the fork's copies is the end of the connection.
        with contextlib.ExitStack() as ours:
            for each in sockets:
                ours.enter_context(each)
            if self.process is None or self.process.poll() is not None:
                self.close()
                self.start()
            # Descriptors, not names: the sockets exist only in the processes that hold them. The fork server has no
            # network and sees no folder in which a named one could lie.
            settings = json.dumps(asdict(limits) | {"sandboxed": self.sandboxed}).encode()
            socket.send_fds(self.control, [settings], [each.fileno() for each in sockets])
        try:
            yield fork
        finally:
            self._end(fork)

    def _end(self, fork: Fork) -> None:
        """Have the fork's processes killed, and learn what they used."""
        try:
            self.control.settimeout(END_S)
            # One byte, whichever, means "enough": see `guest.fork_server`.
            self.control.sendall(b"x")
            report = json.loads(self.lines.readline())
        except (OSError, ValueError):
            # A fork server that does not answer is of no use to the next submission: `fork` starts a new one.
            self.close()
            return
        # The fork server's word can be taken: in the sandbox no submission reaches its memory or this socket.
        if report["fault"]:
            raise CourseError(
                f"A submission should be isolated from the next one, but the answer was {report['fault']!r}: allow "
                "nested user namespaces and seccomp filters on this machine, or give --unsafe to run submissions "
                "without any protection."
            )
        fork.peak_bytes = report["peak_bytes"]
        fork.reason = fork.reason or report["reason"] or ""


def _command(control_fd: int, payload: Payload, sandboxed: bool) -> list[str]:
    """What starts `grader.sandbox.guest.fork_server`: in bubblewrap, or bare."""
    fork_server = [sys.executable, "-m", "grader.sandbox.guest.fork_server", str(control_fd), payload.module]
    if not sandboxed:
        return fork_server
    # --unshare-all: every namespace, so no network, no other process, no shared memory of the machine's.
    # --die-with-parent: a grader that is killed leaves nothing running.
    # --new-session: no terminal, into which ioctl(TIOCSTI) could type commands.
    # --clearenv: secrets in the environment stay outside, also in /proc/PID/environ.
    options = ["--unshare-all", "--hostname", "sandbox", "--die-with-parent", "--new-session", "--clearenv"]
    # First of all, since Python and its packages may lie below /tmp or /dev/shm, and a later mount covers an earlier
    # one. Each guest covers these folders with its own and puts back what lies in them (`guest.isolation`).
    mounts = ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/dev/shm"]
    # On a system with merged /usr these are links into it; a bind mount would follow them.
    links = [(path, os.readlink(path)) for path in ("/bin", "/lib", "/lib64", "/sbin") if os.path.islink(path)]
    mounts += [word for path, target in links for word in ("--symlink", target, path)]
    mounts += _system_mounts(_system_paths(), str(project_root().resolve()))
    # Of the course only what the labs import and what serves requests: not the labs, whose cells hold the hidden
    # checks, and no file of a class.
    course, grader = project_root(), Path(__file__).resolve().parents[1]
    mounts += ["--ro-bind", str(course / "utils"), f"{COURSE_FOLDER}/utils"]
    for module in payload.mounted:
        mounts += ["--ro-bind", str(grader / module), f"{COURSE_FOLDER}/grader/{module}"]
    variables = [word for pair in _environment(COURSE_FOLDER).items() for word in ("--setenv", *pair)]
    # The root itself is a tmpfs of bubblewrap's: read-only from here on, when every mount point has been made.
    return ["bwrap", *options, *mounts, *variables, "--chdir", COURSE_FOLDER, "--remount-ro", "/", *fork_server]


def _system_mounts(paths: set[str], course: str) -> list[str]:
    """bwrap's options that show these paths read-only, but not the checkout, should it lie in one of them."""
    inside = {path for path in paths if path.startswith(f"{course}/")}
    mounts = _binds(paths - inside)
    if any(course.startswith(f"{path}/") for path in paths):
        return [*mounts, "--tmpfs", course, *_binds(inside), "--remount-ro", course]
    return [*mounts, *_binds(inside)]


def _binds(paths: set[str]) -> list[str]:
    # One mount over a part of another would be refused in a read-only folder, and adds nothing.
    nested = {path for path in paths for other in paths if path.startswith(f"{other}/")}
    return [word for path in sorted(paths - nested) for word in ("--ro-bind", path, path)]


def _system_paths() -> set[str]:
    """What Python needs to run: /usr, its own installation, the environment's packages."""
    paths = {
        "/usr",
        # Not the whole of the folders that Python calls its prefix: one may be the checkout itself, or ~/.local.
        *(f"{prefix}/{part}" for prefix in {sys.prefix, sys.base_prefix} for part in PYTHON_PARTS),
        sysconfig.get_paths()["stdlib"],
        # A virtual environment's python is a link, often to another: the program itself may lie elsewhere.
        *_links_to_program(Path(sys.executable)),
        str(Path(sys.executable).resolve().parent),
    }
    paths |= {path for path in ("/lib", "/lib64", "/bin", "/sbin") if not os.path.islink(path)}
    # The dynamic linker's cache: without it libraries outside the usual folders are not found.
    paths.add("/etc/ld.so.cache")
    return set(filter(os.path.exists, paths))


def _links_to_program(path: Path) -> list[str]:
    """Every path on the way from a link to the file that it stands for."""
    if not path.is_symlink():
        return []
    target = Path(os.path.normpath(path.parent / path.readlink()))
    return [str(target), *_links_to_program(target)]


def _environment(root: str | None = None) -> dict[str, str]:
    """All that a submission may see of an environment."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONPATH": root or str(project_root()),
        # OpenMP's pool of threads does not survive the fork. And submissions run beside each other: threads that
        # outnumber the cores wait for each other by spinning.
        "OMP_NUM_THREADS": "1",
        "COURSE_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # The tokenizers library warns, and switches its own pool off, when a process forks after it was used.
        "TOKENIZERS_PARALLELISM": "false",
    }
