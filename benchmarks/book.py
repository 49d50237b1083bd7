"""Wall time and peak memory of `make book`: from nothing built, and again with nothing changed."""

import shutil

from benchmarks.measure import Measurement, command
from utils.runtime import project_root

# What tools.site.build derives; the environment and this program's own results stay.
DERIVED = ("html", ".doctrees", ".jupyter_cache", "jupyter_execute", "execution.sha256")


def measure(quick: bool = False) -> list[Measurement]:
    """Four numbers. `quick` leaves what is built and measures the second run only."""
    root = project_root()
    found = []
    if not quick:
        for name in DERIVED:
            path = root / "_build" / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        found += command("book", "make book, cold", ["make", "book"], root, {})
    return found + command("book", "make book, unchanged", ["make", "book"], root, {"s": 20.0})
