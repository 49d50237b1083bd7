"""What a student can learn before handing in: is every cell there, does each define its function, does it end in time?

The notebook's own cells run on the student's machine, without a sandbox: it is their code. No hidden check is used.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from grader import assignment
from grader.assignment import Assignment
from grader.intake import notebook_file
from grader.records import Rebuilt
from grader.repair import rebuild
from grader.sandbox.guest import worker
from utils.errors import CourseError

SLOW_S = 30.0


@dataclass(frozen=True)
class Findings:
    """What was seen, one line each. ready: whether nothing seen from here stands in the way of full marks."""

    lines: tuple[str, ...]
    ready: bool


def check_notebook(path: Path, name: str | None = None) -> Findings:
    """Read, rebuild and run a notebook, then its visible checks. name: the assignment, where the file's name lies.

    Raises CourseError for a file that is no notebook, or an assignment that does not exist.
    """
    lab = assignment.by_name(name or path.stem)
    notebook, repairs = notebook_file.read(path)
    if notebook is None:
        raise CourseError(repairs[0])
    rebuilt = rebuild.rebuild(notebook, lab)
    lines = [f"Mended when graded: {sentence}" for sentence in (*repairs, *rebuilt.repairs)]
    lines += [f"Missing: {reason}" for _, reason in rebuilt.lost]
    failed = _run(lab, rebuilt)
    return Findings(
        (*lines, *failed) or ("Everything that can be seen from here is in order.",), not (rebuilt.lost or failed)
    )


def _run(lab: Assignment, rebuilt: Rebuilt) -> list[str]:
    namespace, problems = {"__name__": "__main__"}, []
    for name, source in (*lab.setup, *rebuilt.cells):
        start = time.monotonic()
        # The judge's own function, so that what holds here holds in grading.
        error = worker.run_cell(name, source, namespace)
        if error:
            problems.append(f"A cell ended in {error['name']}: {error['message'][:200]}")
        if time.monotonic() - start > SLOW_S:
            problems.append(f"A cell took {time.monotonic() - start:.0f} s; grading may stop it.")
    for exercise in lab.exercises:
        # A student's copy of the lab has no hidden part; the instructor's has, and runs without it here too.
        for check in exercise.checks:
            error = worker.run_cell(check.name, check.visible, namespace)
            if error:
                problems.append(f"{exercise.name}: {error['message'][:300]}")
    return problems
