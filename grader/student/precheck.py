"""What a student can learn before handing in: is every cell there, does each define its function, does it end in time?

The notebook's own cells run on the student's machine, without a sandbox: it is their code. No hidden check is used.
"""

import sys
import time
import types
from dataclasses import dataclass
from pathlib import Path

from grader import assignment
from grader.assignment import Assignment
from grader.intake import notebook_file
from grader.records import Rebuilt
from grader.repair import newer_syntax, rebuild
from grader.sandbox.guest import worker
from grader.sandbox.guest.notebook_cells import Notebook
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
    newer = _in_newer_syntax(lab, rebuilt)
    lines = [f"Mended when graded: {sentence}" for sentence in (*repairs, *rebuilt.repairs)]
    lines += [f"Missing: {reason}" for cell_id, reason in rebuilt.lost if cell_id not in newer]
    failed = [*newer.values(), *_run(lab, rebuilt)]
    return Findings(
        (*lines, *failed) or ("Everything that can be seen from here is in order.",), not (rebuilt.lost or failed)
    )


def _in_newer_syntax(lab: Assignment, rebuilt: Rebuilt) -> dict[str, str]:
    """By cell id a sentence on each cell that the Python of this machine may read, and that which grades does not."""
    accepted = newer_syntax.accepted_by(lab.notebook)
    names = {exercise.cell_id: exercise.name for exercise in lab.exercises}
    # Exercises first, as no more than some cells are asked for.
    cells = sorted(rebuilt.cells, key=lambda cell: cell[0] not in names)
    return {
        cell_id: f"{names.get(cell_id, 'A cell that you added')}: {newer_syntax.sentence(version, accepted)}"
        for cell_id, version in newer_syntax.needed(cells, accepted).items()
    }


def _run(lab: Assignment, rebuilt: Rebuilt) -> list[str]:
    ours, module = sys.modules["__main__"], types.ModuleType("__main__")
    # The judge's own way to run cells, so that what holds here holds in grading.
    sys.modules["__main__"], notebook = module, Notebook(vars(module)).open()
    try:
        return _problems(lab, rebuilt, notebook)
    finally:
        notebook.close()
        sys.modules["__main__"] = ours


def _problems(lab: Assignment, rebuilt: Rebuilt, notebook: Notebook) -> list[str]:
    problems = []
    for name, source in (*lab.setup, *rebuilt.cells):
        start = time.monotonic()
        raised = notebook.run_cell(name, source)
        if raised is not None:
            error = worker.describe(raised)
            problems.append(f"A cell ended in {error['name']}: {error['message'][:200]}")
        if time.monotonic() - start > SLOW_S:
            problems.append(f"A cell took {time.monotonic() - start:.0f} s; grading may stop it.")
    for exercise in lab.exercises:
        # A student's copy of the lab has no hidden part; the instructor's has, and runs without it here too.
        for check in exercise.checks:
            error = worker.run_cell(check.name, check.visible, notebook.namespace)
            if error:
                problems.append(f"{exercise.name}: {error['message'][:300]}")
    return problems
