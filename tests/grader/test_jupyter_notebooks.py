"""What works in Jupyter on "Restart and Run All" gets its points, and what cannot is told why; all in one sandbox."""

import shutil

import nbformat
import pytest

from grader import assignment
from grader.intake import notebook_file
from grader.judging.judge import Judge
from grader.records import Limits
from grader.repair import rebuild
from tests.support import example_lab
from tests.support.jupyter_notebooks import ANSWERS

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed: tools/packages.txt"),
]
LIMITS = Limits(exercise_s=10.0, total_s=60.0)


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    lab = assignment.read(example_lab.write(tmp_path_factory.mktemp("jupyter")))
    with Judge(lab, LIMITS) as opened:
        yield opened


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
def test_an_answer_earns_what_it_would_in_jupyter(judge, tmp_path, answer):
    path = tmp_path / "submission.ipynb"
    path.write_text(nbformat.writes(answer.notebook(judge.assignment.notebook)), encoding="utf-8")
    notebook, _ = notebook_file.read(path)
    rebuilt = rebuild.rebuild(notebook, judge.assignment)
    outcome = judge.grade(rebuilt.cells, dict(rebuilt.lost), places=dict(rebuilt.check_places))
    found = {result.check: result for result in outcome.results}
    told = (found["mean-check"].hint, *rebuilt.repairs)
    assert found["mean-check"].earned == answer.points, told
    assert (found["fitting-check"].earned, found["longest-check"].earned) == answer.others
    assert any(answer.says in sentence for sentence in told), told


def test_every_answer_has_a_name_of_its_own():
    assert len({answer.name for answer in ANSWERS}) == len(ANSWERS)
