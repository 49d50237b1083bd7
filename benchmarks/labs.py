"""Wall time and peak memory of every lab, executed by papermill with its own default parameters."""

from benchmarks.measure import Failure, Measurement, wall_and_peak
from tools.site import execute
from utils.runtime import project_root

FIGURES = {"s": 90.0, "bytes": 2.5e9}
LONGER_S = {"04_lifecycle": 120.0}


def measure(quick: bool = False) -> list[Measurement]:
    """Two numbers per notebook under labs/; executed copies stay in _build/bench. `quick` changes nothing here."""
    root = project_root()
    kept = root / "_build" / "bench"
    kept.mkdir(parents=True, exist_ok=True)
    found = []
    for lab in sorted(root.glob("labs/*/*.ipynb")):
        executed = kept / lab.name
        executed.unlink(missing_ok=True)
        outcome = execute.papermill(lab, executed, lab.parent)
        if faults := execute.run_faults(lab.stem, executed, outcome):
            raise Failure("\n".join(faults))
        figures = FIGURES | {"s": LONGER_S.get(lab.stem, FIGURES["s"])}
        found += wall_and_peak("labs", lab.stem, outcome, figures)
    return found
