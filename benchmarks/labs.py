"""Wall time and peak memory of every lab, executed by papermill with its own default parameters."""

import sys

from benchmarks.measure import Measurement, command
from utils.runtime import project_root

FIGURES = {"s": 90.0, "bytes": 2.5e9}


def measure(quick: bool = False) -> list[Measurement]:
    """Two numbers per notebook under labs/; executed copies stay in _build/bench. `quick` changes nothing here."""
    root = project_root()
    kept = root / "_build" / "bench"
    kept.mkdir(parents=True, exist_ok=True)
    found = []
    for lab in sorted(root.glob("labs/*/*.ipynb")):
        words = [sys.executable, "-m", "papermill", str(lab), str(kept / lab.name), "--cwd", str(lab.parent)]
        found += command("labs", lab.stem, [*words, "--no-progress-bar"], root, FIGURES)
    return found
