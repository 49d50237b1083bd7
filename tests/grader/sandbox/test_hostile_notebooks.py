"""Every animal of the zoo gets what it is due, harms no other exercise, and leaves nothing behind."""

import os
import shutil

import psutil
import pytest

from grader import assignment
from grader.judging.judge import Judge
from grader.records import MEBIBYTE, Limits
from grader.sandbox import bubblewrap
from tests.support import example_lab, hostile_notebooks

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed: tools/packages.txt"),
]
LIMITS = Limits(exercise_s=5.0, memory_bytes=256 * MEBIBYTE, disk_bytes=16 * MEBIBYTE)


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    os.environ["GRADING_SECRET"] = hostile_notebooks.CANARY
    lab = assignment.read(example_lab.write(tmp_path_factory.mktemp("zoo")))
    with bubblewrap.Sandbox(lab.setup) as box:
        yield Judge(lab, box, LIMITS)
    del os.environ["GRADING_SECRET"]


def cells(lab, source):
    """A submission with right answers but in `mean`."""
    solved = {cell.id: cell.source for cell in lab.notebook.cells if assignment.is_solution(cell)}
    return [(each.cell_id, source if each.name == "mean" else solved[each.cell_id]) for each in lab.exercises]


@pytest.mark.parametrize("animal", hostile_notebooks.ANIMALS, ids=lambda animal: animal.name)
def test_an_animal_gets_what_it_is_due(judge, animal):
    outcome = judge.grade(cells(judge.assignment, animal.source))
    found = {result.check: result for result in outcome.results}
    assert found["mean-check"].earned == animal.points
    assert animal.says in found["mean-check"].hint
    assert (found["fitting-check"].earned, found["longest-check"].earned) == animal.others
    assert hostile_notebooks.CANARY not in repr(outcome)
    left = psutil.Process(judge.sandbox.process.pid).children(recursive=True)
    assert len(left) <= 2, f"only bubblewrap and the process it holds may be left, but {left} are"


def test_there_are_forty_of_them():
    assert len({animal.name for animal in hostile_notebooks.ANIMALS}) == len(hostile_notebooks.ANIMALS) >= 40
