"""Submissions as nbgrader's formgrader opens them: the released notebook with what the student wrote in it."""

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grader import assignment
from grader.assignment import Assignment, without_hidden, without_solution
from grader.intake import notebook_file
from grader.records import Rebuilt, Submission
from grader.repair import rebuild
from grader.results.feedback import file_name


def write(submissions: Iterable[Submission], assignments: Mapping[str, Assignment], folder: Path) -> None:
    """folder/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb for each that can be read; those made of the same file and lab stay.

    assignments: by name; submissions for others are left out.
    """
    digests = {name: assignment.digest(lab) for name, lab in assignments.items()}
    for each in submissions:
        if each.unreadable or each.assignment not in assignments:
            continue
        name = file_name(each.assignment)
        path = folder / file_name(each.student) / name / f"{name}.ipynb"
        made_of = [each.digest, digests[each.assignment]]
        if path.exists() and nbformat.read(path, as_version=4).metadata.get("made_of") == made_of:
            continue
        given, _ = notebook_file.read(each.path)
        if given is not None:
            lab = assignments[each.assignment]
            made = notebook(rebuild.rebuild(given, lab), lab)
            made.metadata.made_of = made_of
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(made, path)


def notebook(rebuilt: Rebuilt, lab: Assignment) -> NotebookNode:
    """The lab without solutions, hidden checks and outputs; exercises as answered, each after cells added above it."""
    made, written, above = copy.deepcopy(lab.notebook), dict(rebuilt.cells), _added_above(rebuilt, lab)
    made.cells = []
    for released in lab.notebook.cells:
        cell = copy.deepcopy(released)
        made.cells += above.get(cell.id, [])
        cell.source = written.get(cell.id) or without_solution(without_hidden(cell.source))
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        made.cells.append(cell)
    made.cells += above[""]
    return made


def _added_above(rebuilt: Rebuilt, lab: Assignment) -> dict[str, list[NotebookNode]]:
    """A student's own cells by the id of the exercise that they come before; "" holds those after the last."""
    exercises = {exercise.cell_id for exercise in lab.exercises}
    ours = {cell.id for cell in lab.notebook.cells}
    above: dict[str, list[NotebookNode]] = {"": []}
    for cell_id, source in rebuilt.cells:
        if cell_id in exercises:
            above[cell_id] = above.pop("")
            above[""] = []
        elif cell_id not in ours:
            above[""].append(new_code_cell(source))
    return above
