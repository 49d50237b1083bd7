"""A temporary course around one lab, handled by nbgrader's own commands and the project's own configuration."""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import nbformat

from grader import assignment
from tests.support import child_process, labs
from tests.support.labs import ROOT, Lab

SCORES = """
select student.id, base_cell.name, grade.auto_score, grade_cells.max_score
from grade
join grade_cells on grade_cells.id = grade.cell_id
join base_cell on base_cell.id = grade_cells.id
join submitted_notebook on submitted_notebook.id = grade.notebook_id
join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
join student on student.id = submitted_assignment.student_id
"""


# One process for all labs: nbgrader's own command spends seconds in imports before it reads a notebook.
RELEASE_ALL = """
import sys
from nbgrader.apps import GenerateAssignmentApp
for name in sys.argv[1:]:
    GenerateAssignmentApp.clear_instance()
    GenerateAssignmentApp.launch_instance([name])
"""


@dataclass(frozen=True)
class Course:
    """root: the course's folder. name: the one assignment in it."""

    root: Path
    name: str

    def nbgrader(self, *arguments: str | os.PathLike) -> str:
        """Run nbgrader in the course; returns all it said. Raises RuntimeError when it fails."""
        outcome = child_process.python("-m", "nbgrader", *arguments, folder=self.root)
        if outcome.returncode != 0:
            raise RuntimeError(f"nbgrader {arguments[0]}: {child_process.report(outcome)}")
        return outcome.stdout + outcome.stderr

    def release(self) -> Lab:
        """The student version, made by nbgrader; it also enters the hidden tests into the gradebook."""
        self.nbgrader("generate_assignment", self.name)
        return labs.read(self.root / "_build" / "release" / self.name / f"{self.name}.ipynb")

    def submit(self, student: str, lab: Lab) -> None:
        """Hand in the light cells of `lab`: what is graded, and what grading needs."""
        folder = self.root / "_build" / "submitted" / student / self.name
        folder.mkdir(parents=True)
        light = nbformat.v4.new_notebook(cells=assignment.light_cells(lab.notebook), metadata=lab.notebook.metadata)
        nbformat.write(light, folder / f"{self.name}.ipynb")

    def scores(self) -> dict[str, dict[str, tuple[float, float]]]:
        """Grade every submission; returns {student: {grade_id: (points, most points)}}."""
        self.nbgrader("autograde", self.name)
        found: dict[str, dict] = {}
        with closing(sqlite3.connect(self.root / "_build" / "gradebook.db")) as gradebook:
            for student, cell, points, most in gradebook.execute(SCORES):
                found.setdefault(student, {})[cell] = (points, most)
        return found


def create(root: Path, lab: Lab) -> Course:
    """A course below `root` that holds a copy of the lab's folder and the project's nbgrader_config.py."""
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(lab.path.parent, root / "labs" / lab.name, dirs_exist_ok=True)
    return Course(root, lab.name)


def release_all(root: Path, found: list[Lab]) -> dict[str, Lab]:
    """{name: student version} of several labs, made by nbgrader in one course below `root`."""
    for lab in found:
        create(root, lab)
    names = [lab.name for lab in found]
    outcome = child_process.python("-c", RELEASE_ALL, *names, folder=root)
    if outcome.returncode != 0:
        raise RuntimeError(f"nbgrader generate_assignment: {child_process.report(outcome)}")
    return {name: labs.read(root / "_build" / "release" / name / f"{name}.ipynb") for name in names}
