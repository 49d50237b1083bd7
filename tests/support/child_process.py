"""Child processes of the tests: watched, kept on this machine, blind to the user's own Jupyter settings."""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.support.labs import ROOT
from utils.systems import process_limits
from utils.systems.process_limits import Outcome

SUPPORT = Path(__file__).resolve().parent / "no_network"
LAB_BYTES = 2_500_000_000
LAB_TIMEOUT_S = 540
LOG = "outside_connections.txt"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
FOREIGN = ("HF_", "JUPYTER_", "IPYTHON", "PYTEST_", "PYTHON")


def environment(folder: Path, **extra: str) -> dict[str, str]:
    """Variables for a child: offline, guarded, importing this checkout; what it writes stays in `folder`.

    No proxy is passed on: one on this machine would carry a connection past the guard.
    extra: wins over everything; an empty value removes the variable.
    """
    foreign = [name for name in os.environ if name.startswith(FOREIGN) or name.lower().endswith("_proxy")]
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    ours = {
        "PYTHONPATH": os.pathsep.join((str(SUPPORT), str(ROOT))),
        "OUTSIDE_CONNECTIONS": str(folder / LOG),
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HOME": str(folder / "huggingface"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": str(folder / "ipython"),
    }
    return {name: value for name, value in (kept | ours | extra).items() if value}


def python(
    *arguments: str | os.PathLike,
    folder: Path,
    timeout_s: float = LAB_TIMEOUT_S,
    memory_bytes: int = LAB_BYTES,
    cwd: Path | None = None,
    **extra: str,
) -> Outcome:
    """This interpreter on `arguments` under the watchdog, in `environment(folder, **extra)`."""
    command: Sequence = [sys.executable, *arguments]
    env = environment(folder, **extra)
    return process_limits.run(command, timeout_s=timeout_s, memory_bytes=memory_bytes, cwd=cwd or folder, env=env)


def outside_connections(folder: Path) -> list[str]:
    """Attempts to leave this machine that children working in `folder` made."""
    log = folder / LOG
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def report(outcome: Outcome) -> str:
    """The outcome as an assertion's message: how it ended, and the last of what it said."""
    said = COLOURS.sub("", outcome.stdout + outcome.stderr)[-6000:]
    peak_gb = outcome.peak_bytes / 1e9
    return f"{outcome.ended_by} with {outcome.returncode} after {outcome.wall_s:.1f} s, peak {peak_gb:.2f} GB\n{said}"
