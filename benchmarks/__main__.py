"""Measure what the course costs, print it as a table, and write _build/bench.json.

python -m benchmarks [generation] [course] [live_model] [labs] [book] [grading] [--quick]
"""

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import book, course, generation, grading, labs, live_model
from benchmarks.measure import Failure, Measurement, table
from utils import runtime
from utils.errors import CourseError

SECTIONS = {
    "generation": generation,
    "course": course,
    "live_model": live_model,
    "labs": labs,
    "book": book,
    "grading": grading,
}


@dataclass(frozen=True)
class Report:
    """Everything measured, and where; sections measured earlier are kept until they are measured again."""

    machine: str
    cores: int
    runtime: str
    measurements: tuple[Measurement, ...]


def earlier(path: Path) -> list[Measurement]:
    """The measurements in a file written by `write`; none when there is no such file."""
    if not path.is_file():
        return []
    return [Measurement(**row) for row in json.loads(path.read_text(encoding="utf-8"))["measurements"]]


def write(path: Path, found: list[Measurement], measured: set[str]) -> None:
    """The new measurements in the file, beside those of sections that were not measured now."""
    kept = [entry for entry in earlier(path) if entry.section not in measured]
    report = Report(platform.machine(), os.cpu_count() or 1, str(runtime.start()), tuple(kept + found))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(report), indent=2) + "\n", encoding="utf-8")


def run(sections: list[str], quick: bool) -> tuple[list[Measurement], list[str]]:
    """Measurements and failures; one section that fails does not stop the next."""
    found, failures = [], []
    for name in sections:
        print(f"{name} …", file=sys.stderr)
        try:
            found += SECTIONS[name].measure(quick)
        except (Failure, CourseError) as error:
            failures.append(f"{name}: {error}")
    return found, failures


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when all was measured and every figure kept, else 1. A quick run is not written to the file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n")[0])
    parser.add_argument("sections", nargs="*", metavar="section", help=f"{', '.join(SECTIONS)}; none means all")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, nothing written: does it work at all")
    options = parser.parse_args(arguments)
    unknown = set(options.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"sections are {', '.join(SECTIONS)}, not {', '.join(sorted(unknown))}")
    found, failures = run(options.sections or list(SECTIONS), options.quick)
    print(table(found))
    if not options.quick:
        path = runtime.project_root() / "_build" / "bench.json"
        write(path, found, {entry.section for entry in found})
        print(path)
    for failure in failures:
        print(failure, file=sys.stderr)
    return 0 if not failures and all(entry.met for entry in found) else 1


if __name__ == "__main__":
    sys.exit(main())
