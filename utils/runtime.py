"""Profile, seeds, threads, device, folders and memory of this process; the only reader of environment variables."""

import ctypes
import gc
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from utils.errors import CourseError

PROFILES = ("laptop", "grade", "full")


@dataclass(frozen=True)
class Runtime:
    """Where and how this process computes."""

    profile: str
    seed: int
    threads: int
    device: str
    offline: bool

    def __str__(self) -> str:
        packages = " ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "datasets"))
        network = "offline" if self.offline else "online"
        python = ".".join(map(str, sys.version_info[:3]))
        return (
            f"profile {self.profile}, seed {self.seed}, {self.threads} threads on {self.device}, {network}; "
            f"python {python} {packages}"
        )


def start(profile: str = "laptop", seed: int = 0, threads: int | None = None) -> Runtime:
    """Seed every generator, set the number of threads, choose the device.

    profile: one of PROFILES. seed: any integer ≥ 0. threads: None takes COURSE_THREADS, which the site's builder sets
    where two notebooks run at a time, or else the profile's own number.
    Returns the frozen Runtime; printing it gives one line with versions.
    Raises CourseError for an unknown profile, a negative seed, or a COURSE_THREADS that is no number of threads.
    """
    if profile not in PROFILES:
        raise CourseError(
            f"PROFILE must be one of {', '.join(PROFILES)}, but {profile!r} came: correct the first cell."
        )
    if not isinstance(seed, int) or seed < 0:
        raise CourseError(f"SEED must be an integer of 0 or more, but {seed!r} came: correct the first cell.")
    import numpy
    import torch

    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    threads = threads or _threads_asked() or (_cores() if profile == "full" else min(2, _cores()))
    torch.set_num_threads(threads)
    return Runtime(profile, seed, threads, default_device(), offline())


def default_device() -> str:
    """ "cuda" when torch sees a GPU, else "cpu"."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def env(name: str, default: str | None = None) -> str | None:
    """The environment variable `name`; an empty value counts as unset."""
    return os.environ.get(name) or default


def offline() -> bool:
    """True when HF_HUB_OFFLINE asks that nothing be fetched."""
    return (env("HF_HUB_OFFLINE") or "").lower() in ("1", "true", "yes", "on")


def dialogsum_dir() -> Path | None:
    """The folder of real DialogSum rows named by DIALOGSUM_DIR, or None when it is unset."""
    folder = env("DIALOGSUM_DIR")
    return Path(folder).expanduser().resolve() if folder else None


def _threads_asked() -> int | None:
    """The number in COURSE_THREADS; None when it is unset."""
    asked = env("COURSE_THREADS")
    if asked is not None and not (asked.isdecimal() and int(asked) > 0):
        raise CourseError(
            f"COURSE_THREADS must be a whole number of at least 1, but {asked!r} came: correct or unset it."
        )
    return int(asked) if asked else None


def _cores() -> int:
    """How many cores this process may use.

    OpenMP threads that outnumber them wait for each other by spinning: such a run is ten times slower, not twice.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def project_root() -> Path:
    """The checkout this module was imported from."""
    return Path(__file__).resolve().parent.parent


def require_ours(module) -> None:
    """Stop unless `module` is this course's `utils`; a learner's own utils.py would silently win.

    Raises CourseError naming the file that was imported instead.
    """
    ours = Path(__file__).resolve().parent
    came = Path(getattr(module, "__file__", None) or "nowhere").resolve()
    if came.parent != ours:
        raise CourseError(
            f"`import utils` should give {ours.name}/__init__.py of the course, but it gave {came}: "
            "rename that file or start Jupyter in the course's folder."
        )


def programs_on_path() -> None:
    """Let child processes find the programs beside this interpreter, such as alembic, which nbgrader calls by name.

    They are installed in the environment's folder, which need not be on the path when its Python is called directly.
    """
    folder, path = str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)
    if folder not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join((folder, path))


def variables() -> dict[str, str]:
    """A copy of this process's environment variables."""
    return dict(os.environ)


def child_environment(**changes: str) -> dict[str, str]:
    """This process's variables with changes, for a child process that imports this checkout's `utils`.

    The checkout comes first in PYTHONPATH, what was there before after it: the tests' guard against the network is.
    """
    path = dict.fromkeys((str(project_root()), *(env("PYTHONPATH") or "").split(os.pathsep)))
    return variables() | {"PYTHONPATH": os.pathsep.join(filter(None, path))} | changes


@contextmanager
def write_atomically(path: Path) -> Iterator[Path]:
    """A path to write to instead; it becomes `path` when the body ends well, so that nobody reads half a file.

    Both lie in one folder, since only within one file system a rename is a single step.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def resident_bytes(peak: bool = False) -> int:
    """Resident memory of this process: now, or with `peak` its largest so far. On macOS the largest in both cases."""
    status = Path("/proc/self/status")
    if not status.exists():
        import resource  # not on every system

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, kilobytes on Linux
    # Not getrusage on Linux: its maximum survives fork and exec, so a small child of a large notebook would answer with
    # the notebook's. VmHWM, "high water mark", begins anew with each program.
    field = "VmHWM" if peak else "VmRSS"
    return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith(field))


def release_memory() -> None:
    """Give freed memory back to the system; Linux's C library would keep it for later."""
    gc.collect()  # tensors in circles of references first
    if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim"):
        ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def without_denormals() -> Iterator[None]:
    """Count numbers too small for a normal exponent as zero while the body, or the decorated function, runs.

    They are slow on a CPU, and training leaves many of them. The switch belongs to the whole thread, and other code
    needs such numbers, so it goes back to where it stood.
    """
    import torch

    on_before = sys.float_info.min / 2 == 0
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(on_before)
