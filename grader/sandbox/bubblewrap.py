"""A sandbox of bubblewrap around `grader.sandbox.guest.fork_server`, and one job in it per submission.

Without a network, over a read-only system, with no sight of the checkout but `utils` and the modules of INSIDE. Where
bubblewrap cannot be had, grading refuses, unless it is told to go on unsafely.
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
from grader.sandbox.remote import Job
from utils.errors import CourseError
from utils.runtime import project_root

OURS = "/course"
START_S, END_S = 120, 10
INSIDE = ("__init__.py", "sandbox/__init__.py", "sandbox/guest", "sandbox/protocol")


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
    def job(self, limits: Limits) -> Iterator[Job]:
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

    def _end(self, job: Job) -> None:
        """Have the job's processes killed, and learn what they used."""
        try:
            self.control.settimeout(END_S)
            self.control.sendall(b"x")
            report = json.loads(self.lines.readline())
        except (OSError, ValueError):
            self.close()
            return
        job.peak_bytes = report["peak_bytes"]
        if report["reason"] not in (None, "stopped"):
            job.reason = report["reason"]


def _command(control_fd: int, sandboxed: bool) -> list[str]:
    """What starts `grader.sandbox.guest.fork_server`: in bubblewrap, or bare."""
    run = [sys.executable, "-m", "grader.sandbox.guest.fork_server", str(control_fd)]
    if not sandboxed:
        return run
    bare = ["--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--proc", "/proc", "--dev", "/dev"]
    links = [(path, os.readlink(path)) for path in ("/bin", "/lib", "/lib64", "/sbin") if os.path.islink(path)]
    mounts = [word for path, target in links for word in ("--symlink", target, path)]
    for folder in _system_folders():
        mounts += ["--ro-bind", folder, folder]
    code, grader = project_root(), Path(__file__).resolve().parents[1]
    mounts += ["--ro-bind", str(code / "utils"), f"{OURS}/utils", "--tmpfs", "/tmp"]
    for part in INSIDE:
        mounts += ["--ro-bind", str(grader / part), f"{OURS}/grader/{part}"]
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
