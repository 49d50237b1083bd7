"""A class graded by this project and by nbgrader in one run; a large class, also killed; two workers against one."""

import csv
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from benchmarks.measure import Failure, Measurement, command
from grader import class_run
from grader.intake import collect
from grader.journal import Journal
from grader.records import Options, Submission
from grader.sandbox import bubblewrap
from tools import sample_class
from utils.runtime import project_root

LAB, LIGHT = "02_prompting", "07_distributed"
STUDENTS, MANY, QUICK, KILLS = 60, 1000, 12, 3
REPEATS, LOADED = 3, 10


def measure(quick: bool = False) -> list[Measurement]:
    """Seconds, memory and ratios. Raises Failure when a command fails or a student gets other points than are due."""
    bubblewrap.require()
    with tempfile.TemporaryDirectory() as folder:
        students, many = (QUICK, QUICK) if quick else (STUDENTS, MANY)
        return [*_against_nbgrader(Path(folder), students), *_large(Path(folder), many)]


def _against_nbgrader(folder: Path, students: int) -> list[Measurement]:
    """Both grade under profile `grade`, in which nbgrader's run of the lesson is short."""
    course = folder / "course"
    answers = sample_class.write(LAB, students, course / "_build" / "submitted", profile="grade")
    due = sample_class.points_due(LAB, answers)
    ours = _graded(course / "_build" / "submitted", folder / "small", due, f"{students} × lab 02")
    shutil.copy(project_root() / "nbgrader_config.py", course)
    shutil.copytree(project_root() / "labs" / LAB, course / "labs" / LAB)
    nbgrader = [sys.executable, "-m", "nbgrader"]
    command("grading", "nbgrader generate_assignment", [*nbgrader, "generate_assignment", LAB], course, {})
    theirs = command("grading", f"{students} × lab 02, nbgrader", [*nbgrader, "autograde", LAB], course, {})
    ratio = theirs[0].value / ours[0].value
    return [*ours, *theirs, Measurement("grading", "nbgrader's time over ours", ratio, "times", at_least=5.0)]


def _large(folder: Path, students: int) -> list[Measurement]:
    """Many submissions of a light lab; the same again with grading killed on the way; two workers against one."""
    few, many = folder / "few", folder / "many"
    written = (sample_class.write(LIGHT, n, out) for n, out in ((max(1, students // 10), few), (students, many)))
    a_tenth, due = (sample_class.points_due(LIGHT, answers) for answers in written)
    tenth = _graded(few, folder / "tenth", a_tenth, f"{len(a_tenth)} × lab 07", 2)
    whole = _graded(many, folder / "whole", due, f"{students} × lab 07", 2)
    for kill in range(1, KILLS + 1):
        killed_at(kill * students // (KILLS + 1), many, folder / "killed")
    rest = _graded(many, folder / "killed", due, f"the rest after {KILLS} times kill -9", 2)
    growth = whole[1].value / tenth[1].value
    some = collect.collect(many, folder / "collected")[: students // 5]
    ratio = statistics.median(_rate(some, 2) / _rate(some, 1) for _ in range(REPEATS))
    return [
        *tenth,
        *whole,
        *rest,
        Measurement("grading", "peak memory of all over that of a tenth", growth, "times", at_most=1.25),
        Measurement("grading", "two workers' rate over one's", ratio, "times", at_least=1.7),
    ]


def _rate(submissions: Sequence[Submission], workers: int) -> float:
    """Submissions graded in a second, once each worker has loaded what it needs."""
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal.jsonl") as journal:
        add = journal.add
        journal.add = lambda key, row: (add(key, row), seconds.append(time.monotonic()))
        with class_run.connected(None, workers) as client:
            class_run.grade(submissions, journal, client, Options())
    loaded = min(LOADED, len(seconds) - 2)
    return (len(seconds) - 1 - loaded) / (seconds[-1] - seconds[loaded])


def killed_at(rows: int, source: Path, out: Path, workers: int = 2) -> None:
    """Grade until that many rows are in the journal, then kill -9.

    Raises Failure when grading ends before, or a worker or a sandbox outlives it.
    """
    journal = out / "journal.jsonl"
    with subprocess.Popen(_command(source, out, workers), cwd=project_root(), stderr=subprocess.DEVNULL) as process:
        while not journal.exists() or journal.read_bytes().count(b"\n") < rows:
            if process.poll() is not None:
                raise Failure(f"Grading should have been killed at {rows} rows, but it had ended before.")
            time.sleep(0.05)
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    if left := psutil.wait_procs(children, timeout=30)[1]:
        raise Failure(f"Workers and sandboxes should end with the one who started them, but {len(left)} live on.")


def _command(source: Path, out: Path, workers: int | None) -> list[str]:
    words = [sys.executable, "-m", "grader", "grade", str(source), "--out", str(out)]
    return words + (["--workers", str(workers)] if workers else [])


def _graded(source: Path, out: Path, due: dict[str, float], name: str, workers: int | None = None) -> list[Measurement]:
    found = command("grading", name, _command(source, out, workers), project_root(), {})
    with (out / "grades.csv").open(newline="") as file:
        got = [(row["student"], float(row["points"])) for row in csv.DictReader(file)]
    if sorted(got) != sorted(due.items()):
        raise Failure(
            f"{name}: each of {len(due)} students was due one row with set points, but {len(got)} rows differ."
        )
    return found
