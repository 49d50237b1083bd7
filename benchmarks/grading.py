"""A class graded by this project and by nbgrader, in the same run; a large class; two workers against one."""

import csv
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Failure, Measurement, command
from grader import sandbox
from runs import sample_class
from utils.runtime import project_root

LAB, LIGHT = "02_prompting", "07_distributed"
STUDENTS, MANY, QUICK = 60, 1000, 6


def measure(quick: bool = False) -> list[Measurement]:
    """Seconds, memory and ratios. Raises Failure when a command fails or a student gets other points than are due."""
    sandbox.require()
    with tempfile.TemporaryDirectory() as folder:
        students, many = (QUICK, QUICK) if quick else (STUDENTS, MANY)
        return [*_against_nbgrader(Path(folder), students), *_large(Path(folder), many)]


def _against_nbgrader(folder: Path, students: int) -> list[Measurement]:
    """Both grade under profile `grade`, in which nbgrader's run of the lesson is short."""
    course = folder / "course"
    due = sample_class.write(LAB, students, course / "_build" / "submitted", profile="grade")
    ours = _graded(course / "_build" / "submitted", folder / "small", due, f"{students} × lab 02")
    shutil.copy(project_root() / "nbgrader_config.py", course)
    shutil.copytree(project_root() / "labs" / LAB, course / "labs" / LAB)
    nbgrader = [sys.executable, "-m", "nbgrader"]
    command("grading", "nbgrader generate_assignment", [*nbgrader, "generate_assignment", LAB], course, {})
    theirs = command("grading", f"{students} × lab 02, nbgrader", [*nbgrader, "autograde", LAB], course, {})
    ratio = theirs[0].value / ours[0].value
    return [*ours, *theirs, Measurement("grading", "nbgrader's time over ours", ratio, "times", at_least=5.0)]


def _large(folder: Path, students: int) -> list[Measurement]:
    """Many submissions of a light lab, by one worker and by two."""
    due = sample_class.write(LIGHT, students, folder / "many")
    one, two = (
        _graded(folder / "many", folder / f"workers{count}", due, f"{students} × lab 07, workers: {count}", count)
        for count in (1, 2)
    )
    ratio = one[0].value / two[0].value
    return [*one, *two, Measurement("grading", "one worker's time over two's", ratio, "times", at_least=1.7)]


def _graded(source: Path, out: Path, due: dict[str, float], name: str, workers: int | None = None) -> list[Measurement]:
    words = [sys.executable, "-m", "grader", "grade", str(source), "--out", str(out)]
    found = command("grading", name, words + (["--workers", str(workers)] if workers else []), project_root(), {})
    with (out / "grades.csv").open(newline="") as file:
        got = [(row["student"], float(row["points"])) for row in csv.DictReader(file)]
    if sorted(got) != sorted(due.items()):
        raise Failure(
            f"{name}: each of {len(due)} students was due one row with set points, but {len(got)} rows differ."
        )
    return found
