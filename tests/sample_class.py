"""A class that the tests make: solved, wrong and stuck notebooks of one lab, in nbgrader's submitted/ tree."""

import copy
from pathlib import Path

import exercises
import nbformat

import labs
from grader import assignment

STUCK = "while True: pass"


def write(name: str, students: int, folder: Path, stuck: bool = False) -> dict[str, float]:
    """Write the submissions; returns the points that each student is due.

    Student i is right but for i mod 3 exercises, each with a mutant in its place; with `stuck`, the last never ends.
    """
    lab = assignment.named(name)
    by_exercise = {}
    for mutant in exercises.mutants(labs.read(labs.ROOT / "labs" / name / f"{name}.ipynb")):
        by_exercise.setdefault(mutant.exercise, []).append(mutant.source)
    due = {}
    for i in range(students):
        wrong = {each: by_exercise[each.name][i % len(by_exercise[each.name])] for each in lab.exercises[: i % 3]}
        if stuck and i == students - 1:
            wrong = {lab.exercises[-1]: STUCK}
        student = f"student{i:04d}"
        _write(lab, {each.cell_id: source for each, source in wrong.items()}, folder / student / name)
        due[student] = lab.points - sum(each.points for each in wrong)
    return due


def _write(lab: assignment.Assignment, wrong: dict[str, str], folder: Path) -> None:
    notebook = copy.deepcopy(lab.notebook)
    for cell in notebook.cells:
        cell.source = wrong.get(cell.id, assignment.HIDDEN.sub("", cell.source))
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{lab.name}.ipynb")
