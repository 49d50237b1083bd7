"""A sandbox of bubblewrap around `grader.sandbox.guest.fork_server`, and in it one guest for each submission.

Without a network, over a read-only system, with no sight of the checkout but `utils` and what MOUNTED_MODULES lists.
`fork_server` says what passes over the control socket. Where bubblewrap cannot be had, grading refuses, unless it is
told to go on unsafely.

Two layers hold a submission. Bubblewrap separates the lab's fork server from the machine; `guest.isolation` separates
each guest from the fork server and from the guests before and after it.

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
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from grader.records import Limits
from grader.sandbox.remote import GuestClient
from utils.errors import CourseError
from utils.runtime import project_root

COURSE_FOLDER = "/course"
START_S, END_S = 120, 10
# Of the package `grader`. Not what grades: a submission that could read `judging` or a lab would know its checks.
MOUNTED_MODULES = ("__init__.py", "sandbox/__init__.py", "sandbox/guest", "sandbox/protocol")


def require() -> None:
    """Raises CourseError where bubblewrap is missing or does not work."""
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


class Sandbox:
    """One process with a lab's imports loaded, from which guests are forked one at a time.

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
        # A pair without a name, not a path or a port: nobody but who holds the ends can speak on it.
        self.control, guest_end = socket.socketpair()
        # Files, not pipes: nobody would read a pipe while we wait for "ready", and a full one would block the guest.
        with guest_end, tempfile.TemporaryFile("w+") as setup, tempfile.TemporaryFile() as errors:
            json.dump(self.setup, setup)
            setup.seek(0)
            self.process = subprocess.Popen(
                _command(guest_end.fileno(), self.sandboxed),
                stdin=setup,
                stdout=errors,
                stderr=errors,
                pass_fds=[guest_end.fileno()],
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
            # bwrap's child is process 1 of a namespace and dies with bwrap: no process inside outlives this.
            self.process.kill()
            self.process.wait()
            self.lines.close()
            self.control.close()
            self.process = None

    @contextlib.contextmanager
    def guest(self, limits: Limits) -> Iterator[GuestClient]:
        """A fresh copy of the process for one submission."""
        if self.process is None or self.process.poll() is not None:
            self.close()
            self.start()
        (calls, guest_calls), (printed, guest_printed) = socket.socketpair(), socket.socketpair()
        # Descriptors, not names: the guest's sockets exist only in the processes that hold them. The fork server has no
        # network and sees no folder in which a named one could lie.
        settings = json.dumps(asdict(limits) | {"sandboxed": self.sandboxed}).encode()
        socket.send_fds(self.control, [settings], [guest_calls.fileno(), guest_printed.fileno()])
        # Ours are closed, so that the end of the guest's copies is the end of the connection.
        guest_calls.close()
        guest_printed.close()
        client = GuestClient(calls, printed, limits)
        try:
            yield client
        finally:
            client.close()
            self._end(client)

    def _end(self, client: GuestClient) -> None:
        """Have the guest's processes killed, and learn what they used."""
        try:
            self.control.settimeout(END_S)
            # One byte, whichever, means "enough": see `guest.fork_server`.
            self.control.sendall(b"x")
            report = json.loads(self.lines.readline())
        except (OSError, ValueError):
            # A fork server that does not answer is of no use to the next submission: `guest` starts a new one.
            self.close()
            return
        # The fork server's word can be taken: in the sandbox no submission reaches its memory or this socket.
        client.peak_bytes = report["peak_bytes"]
        if report["reason"] not in (None, "stopped"):
            client.reason = report["reason"]


def _command(control_fd: int, sandboxed: bool) -> list[str]:
    """What starts `grader.sandbox.guest.fork_server`: in bubblewrap, or bare."""
    fork_server = [sys.executable, "-m", "grader.sandbox.guest.fork_server", str(control_fd)]
    if not sandboxed:
        return fork_server
    # --unshare-all: every namespace, so no network, no other process, no shared memory of the machine's.
    # --die-with-parent: a grader that is killed leaves nothing running.
    # --new-session: no terminal, into which ioctl(TIOCSTI) could type commands.
    # --clearenv: secrets in the environment stay outside, also in /proc/PID/environ.
    options = ["--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--proc", "/proc", "--dev", "/dev"]
    # On a system with merged /usr these are links into it; a bind mount would follow them.
    links = [(path, os.readlink(path)) for path in ("/bin", "/lib", "/lib64", "/sbin") if os.path.islink(path)]
    mounts = [word for path, target in links for word in ("--symlink", target, path)]
    for folder in _system_folders():
        mounts += ["--ro-bind", folder, folder]
    # /tmp is an empty one; each guest covers it with its own. Of the course only what the labs import and what serves
    # requests: not the labs, whose cells hold the hidden checks, and no file of a class.
    course, grader = project_root(), Path(__file__).resolve().parents[1]
    mounts += ["--ro-bind", str(course / "utils"), f"{COURSE_FOLDER}/utils", "--tmpfs", "/tmp"]
    for module in MOUNTED_MODULES:
        mounts += ["--ro-bind", str(grader / module), f"{COURSE_FOLDER}/grader/{module}"]
    variables = [word for pair in _environment(COURSE_FOLDER).items() for word in ("--setenv", *pair)]
    # The root itself is a tmpfs of bubblewrap's: read-only from here on, when every mount point has been made.
    return ["bwrap", *options, *mounts, *variables, "--chdir", COURSE_FOLDER, "--remount-ro", "/", *fork_server]


def _system_folders() -> list[str]:
    """What Python needs to run, read-only: /usr, its own installation, the environment's packages."""
    folders = {
        "/usr",
        sys.prefix,
        sys.base_prefix,
        sysconfig.get_paths()["stdlib"],
        # A virtual environment's python is a link: the program itself may lie elsewhere.
        str(Path(sys.executable).resolve().parent),
    }
    folders |= {path for path in ("/lib", "/lib64", "/bin") if os.path.isdir(path) and not os.path.islink(path)}
    # The dynamic linker's cache: without it libraries outside the usual folders are not found.
    folders |= {"/etc/ld.so.cache"} if os.path.exists("/etc/ld.so.cache") else set()
    # One mount over a part of another would be refused in a read-only folder, and adds nothing.
    nested = {path for path in folders for other in folders if path.startswith(f"{other}/")}
    return sorted(folders - nested)


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
