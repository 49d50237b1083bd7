"""What a student learns before handing in: nothing hidden, and everything that can be seen from a notebook."""

import dataclasses
import sys

import nbformat
import pytest

from grader import assignment
from grader.__main__ import main

LAB = "07_distributed"


def notebook(tmp_path, change=lambda cell, lab: None):
    """The solved lab as a student has it, every cell changed by a function of the cell."""
    lab = assignment.by_name(LAB)
    made = nbformat.from_dict(lab.notebook)
    for cell in made.cells:
        cell.source = assignment.without_hidden(cell.source)
        change(cell, lab)
    path = tmp_path / f"{LAB}.ipynb"
    nbformat.write(made, path)
    return str(path)


def test_a_solved_notebook_is_ready(tmp_path, capsys):
    assert main(["check", notebook(tmp_path)]) == 0
    assert capsys.readouterr().out.strip().endswith("Everything that can be seen from here is in order.")


def test_a_blank_one_is_told_which_exercises_are_open(tmp_path, capsys):
    def blank(cell, lab):
        if assignment.is_solution(cell):
            cell.source = assignment.SOLUTION_REGION.sub("    raise NotImplementedError\n", cell.source)

    assert main(["check", notebook(tmp_path, blank)]) == 1
    said = capsys.readouterr().out
    assert all(f"{exercise.name}:" in said for exercise in assignment.by_name(LAB).exercises)


def test_a_missing_cell_and_a_broken_one_are_named(tmp_path, capsys):
    def harm(cell, lab):
        first, second = (exercise.cell_id for exercise in lab.exercises[:2])
        if cell.id == first:
            cell.source = ""
        if cell.id == second:
            cell.source = "def broken(:"

    assert main(["check", notebook(tmp_path, harm)]) == 1
    said = capsys.readouterr().out
    assert "Missing: ring: its cell is missing" in said
    assert "SyntaxError" in said


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python reads all of it")
def test_syntax_newer_than_the_graders_is_told(tmp_path, capsys):
    def renew(cell, lab):
        second = lab.exercises[1]
        if cell.id == second.cell_id:
            cell.source = f"def {second.function}(gradients):\n    return t'{{gradients}}'\n"

    assert main(["check", notebook(tmp_path, renew)]) == 1
    said = capsys.readouterr().out
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    second = assignment.by_name(LAB).exercises[1].name
    sentence = f"{second}: This cell uses syntax of Python 3.14; it is graded with Python {here}."
    assert said.splitlines().count(sentence) == 1
    assert "Missing" not in said


def test_the_released_notebooks_own_version_counts(tmp_path, capsys, monkeypatch):
    lab = assignment.by_name(LAB)
    lab.notebook.metadata.grader = {"python": "3.10"}
    monkeypatch.setattr(assignment, "by_name", lambda name: dataclasses.replace(lab))

    def renew(cell, lab):
        if cell.id == lab.exercises[0].cell_id:
            cell.source += "\n\ntry:\n    pass\nexcept* ValueError:\n    pass\n"

    assert main(["check", notebook(tmp_path, renew)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "ring: This cell uses syntax of Python 3.11; it is graded with Python 3.10."


@pytest.mark.parametrize(("name", "text"), [("lab.ipynb", "{}"), (f"{LAB}.ipynb", "not JSON")])
def test_what_cannot_be_read_is_one_sentence(tmp_path, capsys, name, text):
    (tmp_path / name).write_text(text)
    assert main(["check", str(tmp_path / name)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
