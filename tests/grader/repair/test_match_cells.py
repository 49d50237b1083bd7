"""Each submitted cell is found again, whatever an editor did to its id, metadata and form."""

import nbformat
import pytest

from grader import assignment
from grader.repair import match_cells, rebuild
from tests.support.submitted_notebooks import LAB, NAMES, answered, at, code, named, repaired, student_version


@pytest.mark.parametrize("name", assignment.graded_names())
@pytest.mark.parametrize("solved", [True, False])
def test_every_lab_survives_another_editor(name, solved):
    lab = assignment.by_name(name)
    notebook = student_version(lab, solved)
    for cell in notebook.cells:
        cell.id, cell.metadata = "x", {}
    rebuilt = rebuild.rebuild(notebook, lab)
    assert [cell_id for cell_id, _ in rebuilt.cells] == [exercise.cell_id for exercise in lab.exercises]
    assert len(rebuilt.repairs) == len(lab.exercises)


def test_new_ids_are_found_by_grade_id(notebook):
    named(notebook, "k-shot").id = "renewed"
    assert answered(repaired(notebook, "k-shot", "another id"))


def test_lost_metadata_is_reported(notebook):
    named(notebook, "rouge1").metadata = {}
    assert answered(repaired(notebook, "rouge1", "metadata"), "rouge1")


@pytest.mark.parametrize("line", [1, 3, 8, 10])
@pytest.mark.parametrize("part", [0, 1])
def test_a_split_cell_is_put_together(notebook, line, part):
    place = at(notebook, "k-shot")
    lines = notebook.cells[place].source.split("\n")
    halves = [code("\n".join(lines[:line])), code("\n".join(lines[line:]))]
    halves[part].id, halves[part].metadata = "k-shot", notebook.cells[place].metadata
    notebook.cells[place : place + 1] = halves
    assert answered(repaired(notebook, "k-shot", "split"))


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("fence", ["{}", "```python\n{}\n```"])
def test_another_cell_type_is_read_as_code(notebook, kind, fence):
    cell = named(notebook, "k-shot")
    cell.cell_type, cell.source = kind, fence.format(cell.source)
    assert answered(repaired(notebook, "k-shot", "code cell"))


def test_layout_and_comments_are_no_edit(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = "# mine\n" + cell.source.replace("\n", "  \n\n") + "\n"
    assert rebuild.rebuild(notebook, LAB).repairs == ()


def test_names_of_cells_are_harmless(notebook):
    for cell_id in ("../../etc", "\x1b[2J\x00", "k" * 100_000, "added-1", ""):
        notebook.cells.append(code("x = 1", cell_id, nbgrader={"grade_id": cell_id}))
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert rebuilt.repairs == ()
    assert [cell_id for cell_id, _ in rebuilt.cells] == [*NAMES, *(f"added-{number}" for number in range(1, 6))]


def test_many_cells_are_rebuilt_in_time(notebook):
    del notebook.cells[1]
    notebook.cells += [code(f"x{number} = {number}\n" * 20) for number in range(3000)]
    assert len(rebuild.rebuild(notebook, LAB).cells) == 3004


def test_long_cells_of_ipython_are_translated_up_to_a_limit():
    long = nbformat.from_dict({"cells": [code("%ls\n#" + "x" * 49_000, f"cell-{number}") for number in range(6)]})
    translated = ["get_ipython" in cell.source for cell in match_cells.submitted_cells(long)]
    assert translated == [True] * 4 + [False] * 2


def test_a_cell_split_below_a_magic_is_put_together():
    halves = [code("%ls\nfor x in 'a':", "first"), code("    print(x)", "second")]
    (cell,) = match_cells.submitted_cells(nbformat.from_dict({"cells": halves}))
    assert cell.ids == ("first", "second")
    assert cell.source.endswith("for x in 'a':\n    print(x)\n")
