"""Wall time and peak memory of every lab, executed by papermill with its own default parameters."""

import json
import sys
from functools import partial
from pathlib import Path

from benchmarks.measure import Measurement, command
from utils.runtime import project_root
from utils.systems.process_limits import Outcome

FIGURES = {"s": 90.0, "bytes": 2.5e9}
LONGER_S = {"04_lifecycle": 120.0}


def measure(quick: bool = False) -> list[Measurement]:
    """Two numbers per notebook under labs/; executed copies stay in _build/bench. `quick` changes nothing here."""
    root = project_root()
    kept = root / "_build" / "bench"
    kept.mkdir(parents=True, exist_ok=True)
    found = []
    for lab in sorted(root.glob("labs/*/*.ipynb")):
        words = [sys.executable, "-m", "papermill", str(lab), str(kept / lab.name), "--cwd", str(lab.parent)]
        figures = FIGURES | {"s": LONGER_S.get(lab.stem, FIGURES["s"])}
        found += command(
            "labs", lab.stem, [*words, "--no-progress-bar"], root, figures, partial(ran_whole, kept / lab.name)
        )
    return found


def ran_whole(executed: Path, outcome: Outcome) -> bool:
    """Every code cell ran, and raised only where its tag says so; papermill itself exits with 1 even then."""
    if outcome.ended_by != "exit" or not executed.exists():
        return False
    cells = [cell for cell in json.loads(executed.read_text())["cells"] if cell["cell_type"] == "code"]
    return all(
        cell["execution_count"] is not None
        and any(output["output_type"] == "error" for output in cell["outputs"])
        == ("raises-exception" in cell["metadata"].get("tags", []))
        for cell in cells
    )
