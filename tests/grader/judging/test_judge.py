"""The judge: private checks, exercises that are lost, and grading without a sandbox; labs are proven in tests/labs."""

import random
import shutil

import pytest

from grader import assignment
from grader.judging import private_checks
from grader.judging.judge import Judge
from grader.records import Limits
from grader.sandbox import bubblewrap
from tests.support import example_lab, exercise_proof
from utils.errors import CourseError

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed: tools/packages.txt"),
]


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    lab = assignment.read(example_lab.write(tmp_path_factory.mktemp("judge")))
    with bubblewrap.Sandbox(lab.setup) as box:
        yield Judge(lab, box)


def test_private_checks_catch_what_the_others_let_pass(example):
    cells = exercise_proof.solved(example.assignment)
    mean = next(each for each in example.assignment.exercises if each.name == "mean")
    cells[mean.cell_id] = "def mean(values):\n    return {(1, 2): 1.5, (4, 6): 5}[tuple(values)]\n"
    source = "drawn = [rng.randint(0, 99) for _ in range(5)]\nassert abs(mean(drawn) - sum(drawn) / 5) < 1e-9\n"
    assert example.grade(list(cells.items())).earned == example.assignment.points
    further = {"mean": (source, random.Random(1))}
    outcome = example.grade(list(cells.items()), private=further)
    lost = [each for each in outcome.results if not each.earned]
    assert [each.check for each in lost] == ["mean-check"]
    assert "sum" not in lost[0].hint
    right = example.grade(
        list(exercise_proof.solved(example.assignment).items()), private={"mean": (source, random.Random(1))}
    )
    assert right.earned == example.assignment.points


def test_a_secret_varies_inputs_by_student_and_by_nothing_else():
    one, two = (private_checks.generator("secret", "ada", "mean").random() for _ in range(2))
    assert one == two
    others = {private_checks.generator(*each, "mean").random() for each in (("secret", "bob"), ("other", "ada"))}
    assert len({one, *others}) == 3


def test_private_checks_are_named_after_exercises(example, tmp_path):
    folder = tmp_path / example.assignment.name
    folder.mkdir()
    (folder / "median.py").write_text("assert True")
    with pytest.raises(CourseError, match=r"median\.py should be named after one of fitting, longest, mean"):
        private_checks.read(str(tmp_path), example.assignment)
    with pytest.raises(CourseError, match="is none"):
        private_checks.read(str(tmp_path / "nowhere"), example.assignment)
    assert private_checks.read("", example.assignment) == {}


def test_an_exercise_that_is_lost_says_why_and_costs_no_other(example):
    cells = exercise_proof.solved(example.assignment)
    lost = example.assignment.exercises[0].cell_id
    outcome = example.grade([cell for cell in cells.items() if cell[0] != lost], {lost: "Its cell is not there."})
    first = outcome.results[0]
    assert (first.earned, first.hint) == (0.0, "Its cell is not there.")
    assert outcome.earned == example.assignment.points - example.assignment.exercises[0].points


def test_without_a_sandbox_the_points_are_the_same(example):
    with bubblewrap.Sandbox(example.assignment.setup, sandboxed=False) as box:
        judge = Judge(example.assignment, box)
        assert judge.grade(list(exercise_proof.solved(example.assignment).items())).earned == example.assignment.points
        stuck = [(cell_id, "while True: pass") for cell_id in exercise_proof.solved(example.assignment)][:1]
        judge.limits = Limits(exercise_s=1)
        assert judge.grade(stuck).earned == 0
