"""The judge: private checks, exercises that are lost, and grading without a sandbox; labs are proven in tests/labs."""

import json
import shutil
import socket
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import assignment
from grader.judging import judge, private_checks
from grader.judging.judge import Judge
from grader.records import Limits
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
    with Judge(lab) as opened:
        yield opened


def test_private_checks_catch_what_the_others_let_pass(example):
    cells = exercise_proof.solved(example.assignment)
    mean = next(each for each in example.assignment.exercises if each.name == "mean")
    cells[mean.cell_id] = "def mean(values):\n    return {(1, 2): 1.5, (4, 6): 5}[tuple(values)]\n"
    source = "drawn = [rng.randint(0, 99) for _ in range(5)]\nassert abs(mean(drawn) - sum(drawn) / 5) < 1e-9\n"
    assert example.grade(list(cells.items())).earned == example.assignment.points
    further = {"mean": (source, "01")}
    outcome = example.grade(list(cells.items()), private=further)
    lost = [each for each in outcome.results if not each.earned]
    assert [each.check for each in lost] == ["mean-check"]
    assert "sum" not in lost[0].hint
    right = example.grade(list(exercise_proof.solved(example.assignment).items()), private={"mean": (source, "01")})
    assert right.earned == example.assignment.points


def test_a_secret_varies_inputs_by_student_and_by_nothing_else():
    one, two = (private_checks.seed("secret", "ada", "mean") for _ in range(2))
    assert one == two
    others = {private_checks.seed(*each, "mean") for each in (("secret", "bob"), ("other", "ada"))}
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
    with Judge(example.assignment, sandboxed=False) as bare:
        assert bare.grade(list(exercise_proof.solved(example.assignment).items())).earned == example.assignment.points
        stuck = [(cell_id, "while True: pass") for cell_id in exercise_proof.solved(example.assignment)][:1]
        bare.limits = Limits(exercise_s=1)
        assert bare.grade(stuck).earned == 0


HINTS = {
    "visible": ("return 1 / 0", "raised a ZeroDivisionError: division by zero (line 2: return 1 / 0)"),
    "hidden": ("return 1.5 if len(values) < 2 or values[0] == 1 else 1 / 0", "not shown"),
    "blank": ("raise NotImplementedError", "not answered yet"),
    "own assertion": (
        "assert values[0] == 1, f'the input is {values}'\n    return 1.5",
        "raised an AssertionError on an",
    ),
    "own class": (
        "if values[0] != 1: raise type(str(values), (LookupError,), {})\n    return 1.5",
        "a LookupError on an",
    ),
    "no number": ("return None", "the mean of 1 and 2 lies between them"),
}


@pytest.mark.parametrize(("body", "says"), HINTS.values(), ids=HINTS)
def test_a_hint_says_what_can_be_said(example, body, says):
    """In `mean` the visible input is [1, 2], the hidden one [4, 6]."""
    cells = exercise_proof.solved(example.assignment)
    mean = next(each for each in example.assignment.exercises if each.name == "mean")
    cells[mean.cell_id] = f"def mean(values):\n    {body}\n"
    found = {result.check: result for result in example.grade(list(cells.items())).results}
    hint = found["mean-check"].hint
    assert found["mean-check"].earned == 0
    assert says in hint
    assert "[4, 6]" not in hint


KEEPS = "kept = []\ndef mean(values):\n    kept.append(values[:])\n    return sum(values) / len(values)\n"
TELLS = {
    "an error": "raise ValueError(kept)",
    "a value": "return str(kept)",
    "an error of a number": "raise ValueError(sum(map(sum, kept)))",
}


@pytest.mark.parametrize("tells", TELLS.values(), ids=TELLS)
def test_a_function_cannot_tell_the_hidden_input_of_another_exercise(example, tells):
    cells = exercise_proof.solved(example.assignment)
    exercises = {each.name: each.cell_id for each in example.assignment.exercises}
    cells |= {exercises["mean"]: KEEPS, exercises["longest"]: f"def longest(titles):\n    {tells}\n"}
    outcome = example.grade(list(cells.items()))
    (hint,) = [result.hint for result in outcome.results if result.check == "longest-check"]
    assert outcome.earned == 4
    assert "[4, 6]" not in hint
    assert "13" not in hint


def test_what_a_check_draws_is_not_a_functions_choice(example):
    cells = exercise_proof.solved(example.assignment)
    first = example.assignment.exercises[0]
    cells[first.cell_id] += (
        "\ndef fitting(*sizes, solved=fitting):\n    random.seed(1)\n    return solved(*sizes)\nimport random\n"
    )
    source = "import random\nassert random.random() != random.Random(1).random()\n"
    outcome = example.grade(list(cells.items()), private={"mean": (source, "01")})
    assert outcome.earned == example.assignment.points


def test_a_broken_interpreter_costs_its_own_exercise_alone(example):
    cells = exercise_proof.solved(example.assignment)
    first = example.assignment.exercises[0]
    breaks = "import builtins, sys\nbuiltins.sum = builtins.max = builtins.len = None\nsys.modules.clear()\n"
    cells[first.cell_id] = breaks + "def fitting(width, used, book):\n    return 0\n"
    found = {result.check: result.earned for result in example.grade(list(cells.items())).results}
    assert found == {"fitting-check": 0, "mean-check": 2, "longest-check": 2}


def test_ten_thousand_cells_that_end_the_process_are_given_up(example):
    cells = [(f"own {number}", "import os\nos._exit(0)") for number in range(10_000)]
    solved = list(exercise_proof.solved(example.assignment).items())
    outcome = example.grade([*cells, *solved])
    assert outcome.seconds < 60
    # Each exercise is tried without the cells that were not.
    assert all("Too many cells" in result.hint for result in outcome.results)


GOOD = {"results": {"a": {"earned": True, "hint": "", "raised": None}}, "stopped_by": None, "reason": ""}
REFUSED = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "another check": json.dumps(GOOD | {"results": GOOD["results"] | {"b": GOOD["results"]["a"]}}).encode(),
    "no check": json.dumps(GOOD | {"results": {}}).encode(),
    "points": json.dumps(GOOD | {"results": {"a": {"earned": 100, "hint": "", "raised": None}}}).encode(),
    "no hint": json.dumps(GOOD | {"results": {"a": {"earned": True, "hint": None, "raised": None}}}).encode(),
    "another cell": json.dumps(GOOD | {"stopped_by": "other", "reason": "time"}).encode(),
    "another reason": json.dumps(GOOD | {"stopped_by": "cell", "reason": "full marks"}).encode(),
    "a raised list": json.dumps(GOOD | {"results": {"a": {"earned": False, "hint": "", "raised": [1]}}}).encode(),
}


@pytest.mark.parametrize("line", REFUSED.values(), ids=REFUSED)
def test_a_report_that_does_not_fit_the_schema_is_none(line):
    assert judge._read_report(line, {"a"}, {"cell"}) is None


def test_a_report_that_fits_is_taken_without_control_characters():
    assert judge._read_report(json.dumps(GOOD).encode(), {"a"}, {"cell"}) == GOOD
    report = json.loads(json.dumps(GOOD))
    report["results"]["a"] = {"earned": False, "hint": "x\x1b[2J\ud800" + "y" * 1000, "raised": None}
    hint = judge._read_report(json.dumps(report).encode(), {"a"}, {"cell"})["results"]["a"]["hint"]
    assert hint.startswith("x [2J yyy")
    assert len(hint) == judge.MAX_HINT_CHARACTERS
    stopped = GOOD | {"results": {}, "stopped_by": "cell", "reason": "time"}
    assert judge._read_report(json.dumps(stopped).encode(), {"a"}, {"cell"}) == stopped


def test_a_report_that_trickles_in_has_one_deadline(monkeypatch):
    monkeypatch.setattr(judge, "GRACE_S", 0.3)
    near, far = socket.socketpair()
    over = threading.Event()

    def trickle():
        while not over.wait(0.05):
            far.send(b" ")

    sender = threading.Thread(target=trickle)
    sender.start()
    start = time.monotonic()
    with near, far:
        assert judge._exchange(near, {"total_s": 0.0}).strip() == b""
        assert time.monotonic() - start < 5
        over.set()
        sender.join()


def test_a_cell_that_is_longer_than_a_message_costs_its_own_exercise_alone(example):
    cells = exercise_proof.solved(example.assignment)
    mean = next(each for each in example.assignment.exercises if each.name == "mean")
    # In JSON each sign has twelve characters.
    cells[mean.cell_id] = f"text = '{chr(0x1F600) * 800_000}'"
    found = {result.check: result for result in example.grade(list(cells.items())).results}
    assert {name: result.earned for name, result in found.items()} == {
        "fitting-check": 2,
        "mean-check": 0,
        "longest-check": 2,
    }
    assert "8388608 bytes" in found["mean-check"].hint


FIELDS = ["results", "a", "earned", "hint", "raised", "stopped_by", "reason", "kind", "message", "visible"]
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5))


def parts(children):
    return st.one_of(st.lists(children, max_size=3), st.dictionaries(st.sampled_from(FIELDS), children, max_size=4))


@given(st.recursive(LEAVES, parts, max_leaves=12))
def test_no_report_brings_more_than_a_check_and_a_hint(tree):
    report = judge._read_report(json.dumps(tree).encode(), {"a"}, {"cell"})
    assert report is None or set(report["results"]) <= {"a"}
