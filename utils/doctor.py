"""What is wrong with this environment, in plain words: `python -m utils.doctor`, or `make doctor`.

A bare or old Python can run it: the standard library is all it imports at first. The exit status is 1 only when the
default tier (bundled model and data, no network, no GPU) cannot run.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from threading import Thread
from urllib import error, request

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
LAB_MEMORY_BYTES = 2_500_000_000  # every lab stays below this
HUB_TIMEOUT_S = 3
OK, NOTE, BLOCKS = "ok", "note", "BLOCKS"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: its level, what was found, and what to do about it."""

    level: str
    found: str
    do: str = ""

    def __str__(self) -> str:
        return f"{self.level:<7} {self.found}" + (f"\n        {self.do}" if self.do else "")


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Is this Python new enough?"""
    came, wanted = ".".join(map(str, version)), ".".join(map(str, OLDEST_PYTHON))
    if tuple(version) >= OLDEST_PYTHON:
        return Finding(OK, f"Python {came}")
    return Finding(BLOCKS, f"Python {came} is too old.", f"Install Python {wanted} or newer, then: make setup")


def required(root: Path) -> list[str]:
    """What the labs import or run in, by pyproject.toml: its dependencies and the extra `labs`."""
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    needs = project["dependencies"] + project["optional-dependencies"]["labs"]
    return [re.match(r"[\w.-]+", need)[0] for need in needs]


def installed(name: str) -> str | None:
    """The version of a package without its build's name, or None."""
    try:
        return metadata.version(name).split("+")[0]
    except metadata.PackageNotFoundError:
        return None


def packages(root: Path) -> Finding:
    """Are the packages installed, in the lock's versions?"""
    lock = re.findall(r"^([\w.-]+)==(\S+)", (root / "requirements.lock").read_text(), re.MULTILINE)
    missing = [name for name in required(root) if installed(name) is None]
    other = [name for name, version in lock if installed(name) != version]
    if missing:
        return Finding(BLOCKS, f"{len(missing)} packages are missing: {shortened(missing)}.", to_install(root))
    if other:
        return Finding(NOTE, f"{len(other)} packages are not as locked: {shortened(other)}.", to_install(root))
    return Finding(OK, "every package is installed as locked")


def shortened(names: list[str]) -> str:
    """The first names of a list, and how many more there are."""
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def to_install(root: Path) -> str:
    """Set-up if it never ran, the right interpreter if this is another one, else a fresh start."""
    if not (root / ".venv").exists():
        return "Set-up has not run here: make setup"
    if Path(sys.prefix).resolve() != (root / ".venv").resolve():
        return "This is not the course's Python: use .venv/bin/python"
    return "Delete .venv, then: make setup"


def our_utils(root: Path) -> Finding:
    """Does `import utils`, said in a lab's folder as its kernel says it, give this course's module?"""
    for folder in sorted(path for path in (root / "labs").glob("*") if path.is_dir()):
        command = [sys.executable, "-c", "import utils; print(utils.__file__)"]
        answer = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        came = answer.stdout.strip()
        if answer.returncode:
            return Finding(BLOCKS, f"`import utils` fails in {folder}: it is not installed.", to_install(root))
        if Path(came).resolve() != (root / "utils" / "__init__.py").resolve():
            return Finding(BLOCKS, f"`import utils` in {folder} gives {came}, not the course's.", "Rename that file.")
    return Finding(OK, "`import utils` gives the course's module in every lab's folder")


def assets(root: Path) -> list[Finding]:
    """Are the bundled model and data there, whole and unaltered? One finding for each folder in which they are not."""
    # Here, since a Python too old for these still gets the first answer.
    from utils import bundled
    from utils.errors import CourseError

    folder = root / "utils" / "assets"
    try:
        files = bundled.manifest(folder).values()
    except CourseError as error:
        return [Finding(BLOCKS, str(error))]
    wrong: dict[str, dict] = {}
    for asset in files:
        if fault := asset.fault(folder):
            wrong.setdefault(asset.name.split("/")[0], {})[asset] = fault
    findings = []
    for name, faults in wrong.items():
        recipes = dict.fromkeys(asset.recipe for asset in faults)
        listed = shortened([f"{asset.name.removeprefix(f'{name}/')} {fault}" for asset, fault in faults.items()])
        do = bundled.remedy(name, *recipes)
        findings.append(Finding(BLOCKS, f"{bundled.PLACE}/{name}: {listed}.", f"{do[0].upper()}{do[1:]}."))
    return findings or [Finding(OK, "the bundled model and data are there, as the manifest says")]


def free_memory_bytes(root: Path = Path("/")) -> int | None:
    """Memory this process may still take, the container's limit included; None where the system does not tell."""
    system, limit = root / "proc" / "meminfo", root / "sys" / "fs" / "cgroup" / "memory.max"
    if not system.exists():
        return None
    free = int(re.search(r"MemAvailable:\s+(\d+)", system.read_text())[1]) * 1024
    if not limit.exists() or limit.read_text().strip() == "max":
        return free
    taken = re.search(r"anon (\d+)", limit.with_name("memory.stat").read_text())[1]
    return min(free, int(limit.read_text()) - int(taken))


def memory(free: int | None) -> Finding:
    """Is there room for a lab?"""
    if free is None:
        return Finding(OK, "this system does not tell how much memory is free")
    if free >= LAB_MEMORY_BYTES:
        return Finding(OK, f"{free / 1e9:.1f} GB of memory are free")
    level, do = BLOCKS if free < LAB_MEMORY_BYTES / 2 else NOTE, "close programs, or shut down idle kernels."
    return Finding(level, f"only {free / 1e9:.1f} GB of memory are free.", f"A lab needs up to 2.5 GB: {do}")


def hub(endpoint: str | None) -> Finding:
    """Can the hub be reached? Only the full tier needs it."""
    do = 'Everything with MODEL = "course" and DATA = "course" works without it.'
    if endpoint is None:
        return Finding(NOTE, "the hub was not asked: HF_HUB_OFFLINE is set, or huggingface_hub is missing.", do)
    if answers(endpoint):
        return Finding(OK, f"the hub answers at {endpoint}")
    return Finding(NOTE, f"the hub does not answer at {endpoint}.", do)


def answers(address: str) -> bool:
    """True when a server answers at all, within HUB_TIMEOUT_S, name look-up included."""
    heard = []

    def ask():
        with suppress(OSError, ValueError):
            try:
                request.urlopen(request.Request(address, method="HEAD"), timeout=HUB_TIMEOUT_S).close()
            except error.HTTPError as answer:
                answer.close()
            heard.append(True)

    (thread := Thread(target=ask, daemon=True)).start()
    thread.join(HUB_TIMEOUT_S + 1)
    return bool(heard)


def hub_endpoint(offline: bool) -> str | None:
    """The address the client library would ask; None without the library, and when nothing may be asked."""
    if offline or installed("huggingface-hub") is None:
        return None
    from huggingface_hub import constants

    return constants.ENDPOINT


def gpu(nvidia_smi: str | None) -> Finding:
    """Is there an NVIDIA GPU, and can the installed PyTorch use it?"""
    if nvidia_smi is None or subprocess.run([nvidia_smi, "-L"], capture_output=True, timeout=60).returncode:
        return Finding(NOTE, "there is no NVIDIA GPU.", "None is needed; the full tier is slower without.")
    if installed("torch") and "+cpu" in metadata.version("torch"):
        return Finding(NOTE, "there is a GPU, but this PyTorch is built without it.", "Delete .venv, then: make setup")
    return Finding(OK, "there is an NVIDIA GPU")


def examine(root: Path) -> list[Finding]:
    """Everything that is looked at, in order; an old Python ends it, since the rest needs a new one."""
    if python().level == BLOCKS:
        return [python()]
    from utils import runtime

    outside = [memory(free_memory_bytes()), hub(hub_endpoint(runtime.offline())), gpu(shutil.which("nvidia-smi"))]
    return [python(), packages(root), our_utils(root), *assets(root), *outside]


def main(root: Path = ROOT) -> int:
    """Prints the findings and a verdict. Returns the exit status."""
    findings = examine(root)
    blocked = sum(finding.level == BLOCKS for finding in findings)
    verdict = f"cannot run: {blocked} to mend" if blocked else "can run"
    print(*findings, f"\nThe default tier {verdict}.", sep="\n")
    return int(blocked > 0)


if __name__ == "__main__":
    sys.exit(main())
