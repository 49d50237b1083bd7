"""The cell that counts is the one that would in Jupyter."""

import pytest

from grader.assignment import SOLUTION_REGION
from grader.repair import rebuild
from tests.support.submitted_notebooks import LAB, STUB, answered, at, code, named, sources

OTHER = "def k_shot(target, examples):\n    return 1\n"


def test_an_experiment_below_the_check_does_not_count(notebook):
    notebook.cells.append(code(f"{OTHER}\n\nx = 3\n"))
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert answered(rebuilt)
    assert rebuilt.repairs == ("k-shot: a cell further down binds k_shot again; the answer above it counts.",)
    assert rebuilt.cells[-1][1].strip() == "x = 3"


def test_the_last_answer_above_the_check_counts(notebook):
    notebook.cells.insert(at(notebook, "k-shot") + 1, code(OTHER))
    assert sources(rebuild.rebuild(notebook, LAB))["k-shot"] == OTHER


@pytest.mark.parametrize("blank", ["", "def k_shot(target, examples):\n    raise NotImplementedError()\n"])
def test_an_answer_anywhere_beats_a_blank(notebook, blank):
    named(notebook, "k-shot").source = blank or SOLUTION_REGION.sub(STUB, named(notebook, "k-shot").source)
    notebook.cells.append(code(OTHER))
    assert sources(rebuild.rebuild(notebook, LAB))["k-shot"] == OTHER


@pytest.mark.parametrize(
    "source",
    [
        "if True:\n    def k_shot(target, examples):\n        return 1\n",
        "try:\n    from nowhere import k_shot\nexcept ImportError:\n    k_shot = None\n",
        "for k_shot in [print]:\n    pass\n",
        "def install():\n    global k_shot\n    k_shot = print\ninstall()\n",
        "exec('k_shot = print')\n",
        "from nowhere import *\n",
    ],
)
def test_a_function_that_only_the_run_shows_is_asked_for_by_name(notebook, source):
    named(notebook, "k-shot").source = source
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert rebuilt.lost == ()
    assert sources(rebuilt)["k-shot"] == f"{source}\nk_shot\n"


def test_a_function_of_another_name_is_lost(notebook):
    named(notebook, "k-shot").source = "def kshot():\n    def k_shot(target, examples):\n        return 1\n"
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert rebuilt.lost == (
        ("k-shot", "k-shot: its cell, which begins 'def kshot():', does not define the function k_shot."),
    )


def test_how_many_cells_run_before_a_check(notebook):
    notebook.cells.insert(0, code("a = 1"))
    notebook.cells.insert(at(notebook, "k-shot-check"), code("b = 2"))
    notebook.cells.append(code("c = 3"))
    rebuilt = rebuild.rebuild(notebook, LAB)
    order = [cell_id for cell_id, _ in rebuilt.cells]
    assert order[:3] == ["added-1", "k-shot", "added-2"]
    assert dict(rebuilt.check_places) == {
        cell_id: 3 if cell_id == "k-shot" else order.index(cell_id) + 1
        for cell_id in order
        if not cell_id.startswith("added")
    }
