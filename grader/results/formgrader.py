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

    These are nbgrader's own folders: formgrader joins their path from the names in the gradebook.

    assignments: by name; submissions for others are left out.
    """
    digests = {name: assignment.digest(lab) for name, lab in assignments.items()}
    for submission in submissions:
        if submission.unreadable or submission.assignment not in assignments:
            continue
        name = file_name(submission.assignment)
        path = folder / file_name(submission.student) / name / f"{name}.ipynb"
        # Grading may be run again at any time, and most of a class is then as it was.
        made_of = [submission.digest, digests[submission.assignment]]
        if path.exists() and nbformat.read(path, as_version=4).metadata.get("made_of") == made_of:
            continue
        submitted, _ = notebook_file.read(submission.path)
        if submitted is not None:
            lab = assignments[submission.assignment]
            document = notebook(rebuild.rebuild(submitted, lab), lab)
            document.metadata.made_of = made_of
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(document, path)


def notebook(rebuilt: Rebuilt, lab: Assignment) -> NotebookNode:
    """The lab without solutions, hidden checks and outputs; exercises as answered, each after cells added above it."""
    # From the lab, not from what was handed in: formgrader finds grades and comments by its cells' metadata, which
    # students may have lost or changed. Nor are a student's outputs taken over: they can hold scripts, and formgrader
    # would show them to the instructor, logged in.
    document, answers, added = copy.deepcopy(lab.notebook), dict(rebuilt.cells), _added_cells(rebuilt, lab)
    document.cells = []
    for released in lab.notebook.cells:
        cell = copy.deepcopy(released)
        document.cells += added.get(cell.id, [])
        cell.source = answers.get(cell.id) or without_solution(without_hidden(cell.source))
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        document.cells.append(cell)
    document.cells += added[""]
    return document


def _added_cells(rebuilt: Rebuilt, lab: Assignment) -> dict[str, list[NotebookNode]]:
    """A student's own cells by the id of the exercise that they come before; "" holds those after the last."""
    exercise_ids = {exercise.cell_id for exercise in lab.exercises}
    released_ids = {cell.id for cell in lab.notebook.cells}
    # "" collects until the exercise is known that they come before.
    added: dict[str, list[NotebookNode]] = {"": []}
    for cell_id, source in rebuilt.cells:
        if cell_id in exercise_ids:
            added[cell_id] = added.pop("")
            added[""] = []
        elif cell_id not in released_ids:
            added[""].append(new_code_cell(source))
    return added
