"""Create .venv and install the course into it; do nothing while pyproject.toml and requirements.lock are unchanged.

Run by a bare Python, so only the standard library is used: `python3 -m tools.set_up`.
TORCH_INDEX, when set, is the package index that torch is taken from first.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
VENV_PYTHON = VENV_BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "set-up.sha256"
LOCK = ROOT / "requirements.lock"
OLDEST_PYTHON = (3, 11)
HEARTBEAT_S = 30


class SetUpError(Exception):
    """What stops set-up, in one sentence for the user."""


def fingerprint(root: Path) -> str:
    """What the environment was made from: pyproject.toml, the lock, and the folder, which its scripts name."""
    digest = hashlib.sha256(str(root).encode())
    for name in ("pyproject.toml", "requirements.lock"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def up_to_date(root: Path, stamp: Path, python: Path) -> bool:
    """True when the stamp beside a working interpreter holds today's fingerprint."""
    return python.exists() and stamp.exists() and stamp.read_text().strip() == fingerprint(root)


def require_python(version: tuple[int, ...] = sys.version_info[:2]) -> None:
    """Raises SetUpError when this Python is too old or cannot make environments."""
    came, wanted = ".".join(map(str, version)), ".".join(map(str, OLDEST_PYTHON))
    if tuple(version) < OLDEST_PYTHON:
        raise SetUpError(f"Python {wanted} or newer is needed, not {came}: name another with PYTHON=python{wanted}.")
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise SetUpError(
            f"Python {came} lacks its venv module: install it (Debian and Ubuntu: the package python3-venv)."
        )


def working(python: Path) -> bool:
    """True when `python` starts, is new enough and has pip."""
    probe = f"import sys, pip; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    try:
        return subprocess.run([str(python), "-c", probe], capture_output=True).returncode == 0
    except OSError:
        return False


def create() -> None:
    """A fresh .venv, unless a working one is already there."""
    if working(VENV_PYTHON):
        return
    print("Creating .venv", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)]).returncode:
        raise SetUpError("Python's venv module failed to create .venv: its message stands above.")


def patiently(command: list[str], env: dict[str, str] | None = None) -> bool:
    """Run a quiet command, with a sign of life every half minute. True when it succeeded."""
    start = time.monotonic()
    process = subprocess.Popen(command, env=env)
    while True:
        try:
            return process.wait(timeout=HEARTBEAT_S) == 0
        except subprocess.TimeoutExpired:
            print(f"  still installing after {time.monotonic() - start:.0f} s", flush=True)
        except KeyboardInterrupt:
            process.terminate()
            raise SetUpError("Interrupted: run make setup again, it continues where it stopped.") from None


def pip(*arguments: str) -> list[str]:
    """The command that runs the environment's pip."""
    return [str(VENV_PYTHON), "-m", "pip", *arguments]


def torch_pin() -> str:
    """The line of the lock that pins torch."""
    return next(line.strip() for line in LOCK.read_text().splitlines() if line.startswith("torch=="))


def brings_cuda(report: dict) -> bool:
    """True when pip's installation report lists a torch that depends on NVIDIA's libraries."""
    needs = [need for item in report.get("install", []) for need in item["metadata"].get("requires_dist", [])]
    return any(need.lower().startswith(("nvidia-", "cuda-")) for need in needs)


def pip_would_bring_cuda() -> bool:
    """Ask pip which torch it would choose, without installing it."""
    print("Asking pip which build of PyTorch it would take", flush=True)
    command = pip("install", "-qq", "--dry-run", "--no-deps", "--report", "-", torch_pin())
    answer = subprocess.run(command, capture_output=True, text=True)
    return answer.returncode == 0 and brings_cuda(json.loads(answer.stdout))


def torch_from(index: str) -> bool:
    """Install torch from a package index given by its address; fails fast."""
    print(f"Installing PyTorch from {index}", flush=True)
    quick = ["--retries", "0", "--timeout", "10"]
    return patiently(pip("install", "-qq", "--no-deps", *quick, "--index-url", index, torch_pin()))


def cpu_torch_through_uv() -> bool:
    """Install PyTorch's CPU build with uv, which knows where PyTorch publishes it; fails fast."""
    print("Installing PyTorch's CPU build through uv", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        if not patiently(pip("install", "-qq", "--target", folder, "uv")):
            return False
        uv = [str(Path(folder, "bin", "uv")), "pip", "install", "-q", "--no-deps", "--torch-backend", "cpu"]
        env = dict(os.environ, UV_HTTP_TIMEOUT="10", UV_HTTP_RETRIES="0")
        return patiently([*uv, "--python", str(VENV_PYTHON), torch_pin()], env)


def install_torch() -> None:
    """Take a small PyTorch first, where that can be had; the lock's own line installs it otherwise."""
    index = os.environ.get("TORCH_INDEX")
    if index:
        if not torch_from(index):
            print("TORCH_INDEX could not be used; pip's own choice of PyTorch follows.", flush=True)
    elif shutil.which("nvidia-smi") is None and pip_would_bring_cuda() and not cpu_torch_through_uv():
        print(
            "PyTorch's CPU build could not be fetched. What follows brings NVIDIA's libraries, several GB that this\n"
            "machine without an NVIDIA GPU does not use. To avoid them, stop here (Ctrl-C) and name PyTorch's index\n"
            "of CPU wheels (the selector on PyTorch's site shows it): TORCH_INDEX=<address> make setup",
            flush=True,
        )


def install() -> None:
    """Everything in the lock, then the course itself, editable."""
    install_torch()
    print("Installing the packages of requirements.lock (a few minutes the first time)", flush=True)
    course = ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]
    for what in (["-r", str(LOCK)], course):
        if not patiently(pip("install", "-qq", "--disable-pip-version-check", *what)):
            raise SetUpError("pip could not install the packages: its message stands above; then run make setup again.")


def main() -> int:
    """Returns the exit status: 0 when the environment is ready."""
    if up_to_date(ROOT, STAMP, VENV_PYTHON):
        return 0
    start = time.monotonic()
    try:
        require_python()
        create()
        STAMP.unlink(missing_ok=True)
        install()
    except SetUpError as problem:
        print(problem, file=sys.stderr)
        return 1
    STAMP.write_text(fingerprint(ROOT) + "\n")
    print(f"The environment is ready in .venv ({time.monotonic() - start:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
