"""The lab 02 as students get it, and what is asked of a rebuilt submission."""

import ast
import copy

import nbformat

from grader import assignment
from grader.assignment import SOLUTION_REGION, is_check, is_solution, without_hidden
from grader.repair import rebuild

STUB = "    # YOUR CODE HERE\n    raise NotImplementedError()\n"
LAB = assignment.by_name("02_prompting")
NAMES = [exercise.cell_id for exercise in LAB.exercises]


def student_version(lab, solved):
    """The released notebook as nbgrader derives it, its solutions in or cut."""
    notebook = copy.deepcopy(lab.notebook)
    for cell in notebook.cells:
        if is_solution(cell) and not solved:
            cell.source = SOLUTION_REGION.sub(STUB, cell.source)
        if is_check(cell):
            cell.source = without_hidden(cell.source)
    return notebook


def at(notebook, cell_id):
    return next(index for index, cell in enumerate(notebook.cells) if cell.id == cell_id)


def named(notebook, cell_id):
    return notebook.cells[at(notebook, cell_id)]


def code(source, cell_id="new", **metadata):
    return nbformat.from_dict({"cell_type": "code", "id": cell_id, "metadata": metadata, "source": source})


def sources(rebuilt):
    return dict(rebuilt.cells)


def answered(rebuilt, exercise="k-shot"):
    """Whether the lab's own solution is what runs for an exercise."""
    solution = next(cell.source for cell in LAB.notebook.cells if cell.id == exercise)
    return ast.dump(ast.parse(solution)) == ast.dump(ast.parse(sources(rebuilt)[exercise]))


def repaired(notebook, *parts):
    """The rebuilt notebook, whose only repair holds every one of `parts`."""
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert len(rebuilt.repairs) == 1, rebuilt.repairs
    assert all(part in rebuilt.repairs[0] for part in parts), rebuilt.repairs
    assert rebuilt.lost == ()
    return rebuilt
