"""Exercise checks: right answers pass, wrong ones are named, and lying objects are not believed."""

import re
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from utils import checks
from utils.errors import CourseError

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


class Liar:
    """Equal to everything, printable as nothing."""

    __hash__ = object.__hash__

    def __eq__(self, other):
        return True

    def __repr__(self):
        raise RuntimeError("no")


class LyingText(str):
    __hash__ = str.__hash__

    def __eq__(self, other):
        return True


@dataclass(frozen=True)
class Meter:
    tokens: int
    fits: bool


@given(plain)
def test_every_plain_value_equals_itself(value):
    checks.equal(value, value, "value")


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (1, True),
        (3, 3.0),
        ("a", "b"),
        ([1, 2], [1, 2, 3]),
        ([1, 2], (1, 2)),
        ([1, [2, 3]], [1, [2, 4]]),
        ({"a": 1}, {"a": 2}),
        ({"a": 1, "b": 1}, {"a": 1}),
        ({1: 0}, {True: 0}),
        ({1, 2}, {1, 3}),
        (Meter(3, True), Meter(4, True)),
        (float("nan"), float("nan")),
        (None, 0),
        (Liar(), 3),
        ([Liar()], [3]),
        ({Liar()}, {3}),
        ({LyingText("x"): 1}, {"a": 1}),
        (LyingText("x"), "a"),
        (Meter(LyingText("x"), True), Meter("a", True)),
        (np.array([1, 2]), np.array([1, 3])),
        (torch.tensor([1, 2]), [1, 2]),
    ],
)
def test_different_values_are_refused(got, want):
    with pytest.raises(AssertionError, match=r"^the answer: expected .*got .*\. Look again\.$"):
        checks.equal(got, want, "the answer", hint="Look again.")


def test_members_that_are_many_objects_of_one_value_are_one():
    with pytest.raises(AssertionError):
        checks.equal({torch.tensor(1), torch.tensor(1)}, {1, 2}, "two members")
    checks.equal({torch.tensor(1), torch.tensor(2)}, {1, 2}, "two members")


def test_message_names_the_place():
    with pytest.raises(AssertionError, match="expected 4 at key 'b' at index 1, got 5"):
        checks.equal({"b": [1, 5]}, {"b": [1, 4]}, "the counts")


SCALARS = [
    (np.int64(2), 2),
    (np.uint8(2), 2),
    (np.float32(0.5), 0.5),
    (np.bool_(True), True),
    (np.array(2), 2),
    (torch.tensor(2), 2),
    (torch.tensor(0.5, dtype=torch.bfloat16), 0.5),
    (torch.tensor(True), True),
    ([np.int64(2), torch.tensor(3)], [2, 3]),
]


@pytest.mark.parametrize(("got", "want"), SCALARS)
def test_scalars_equal_the_value_they_hold(got, want):
    checks.equal(got, want, "value")


@pytest.mark.parametrize("got", [np.float64(2.0), np.bool_(True), torch.tensor(2.0), torch.tensor([2]), np.array([2])])
def test_scalars_of_another_kind_are_refused(got):
    with pytest.raises(AssertionError, match="expected"):
        checks.equal(got, 2, "value")


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (0.1 + 0.2, 0.3),
        (1, 1.0),
        (np.float64(2.0), 2.0),
        ([1, 2.0], (1.0, 2)),
        (np.array([[0.5]]), [[0.5]]),
        (torch.tensor([0.5]), torch.tensor([0.5])),
        (float("inf"), float("inf")),
        (np.float16(0.5), 0.5),
        (np.int8(2), 2.0),
        (torch.tensor(2), 2.0),
        (torch.tensor(0.5, dtype=torch.float16), 0.5),
        (torch.tensor([0.5, 2.0]), [0.5, 2]),
        ([torch.tensor([0.5]), 2], [[0.5], 2]),
        ([torch.tensor([0.5])], (torch.tensor([0.5], dtype=torch.float64),)),
    ],
)
def test_close_numbers_pass(got, want):
    checks.close(got, want, "value")


@pytest.mark.parametrize(
    "got", [0.31, float("nan"), True, "0.3", None, Liar(), [0.3], float("inf"), torch.tensor([0.3])]
)
def test_distant_numbers_are_refused(got):
    with pytest.raises(AssertionError, match=r"0\.3"):
        checks.close(got, 0.3, "value", atol=0.001)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 10))
def test_close_agrees_with_the_definition(a, b, atol):
    try:
        checks.close(a, b, "value", atol)
        passed = True
    except AssertionError:
        passed = False
    assert passed == (abs(a - b) <= atol)


def test_raises_accepts_only_the_named_error():
    checks.raises(ValueError, int, "x", what="int('x')")
    with pytest.raises(AssertionError, match="expected a KeyError, got ValueError"):
        checks.raises(KeyError, int, "x", what="int('x')")
    with pytest.raises(AssertionError, match="expected a ValueError, got the value 3"):
        checks.raises(ValueError, int, "3", what="int('3')")


def test_refuses_names_the_case_in_its_hint():
    cases = {"a letter": ("x",), "a digit": ("3",)}
    with pytest.raises(checks.Failed, match="a digit: expected a ValueError, got the value 3") as stopped:
        checks.refuses(int, cases)
    assert stopped.value.hint == "Raise a ValueError for a digit."
    checks.refuses(int, {"a letter": ("x",)})
    with pytest.raises(checks.Failed) as stopped:
        checks.refuses(int, {"a letter": ("x",)}, IndexError)
    assert stopped.value.hint == "Raise an IndexError for a letter."


def test_answers_returns_the_result_or_names_the_error():
    assert checks.answers(int, "3", what="a digit") == 3
    with pytest.raises(checks.Failed, match="a letter: expected a result, got ValueError: invalid literal") as stopped:
        checks.answers(int, "x", what="a letter")
    assert stopped.value.hint == "The exercise allows a letter, but the function raised ValueError."


def test_answers_lets_a_changed_argument_be_told():
    with pytest.raises(checks.Failed) as stopped:
        checks.answers(checks.untouched, list.sort, [3, 1], what="two numbers")
    assert stopped.value.hint == "Leave the arguments as they were: work on copies."


def test_untouched_returns_the_result():
    assert checks.untouched(sorted, [3, 1]) == [1, 3]
    assert checks.untouched(max, np.array([3, 1])) == 3
    assert checks.untouched(lambda draws, scale: scale * draws.random(), np.random.default_rng(0), 0.0) == 0.0


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        (list.sort, [3, 1]),
        (lambda rows: rows[0].pop("id"), [{"id": 1}]),
        (lambda pair: pair[0].mul_(2), (torch.ones(2), torch.ones(2))),
        (lambda values: values.__setitem__(0, 5), np.ones(2)),
    ],
)
def test_untouched_sees_a_change_at_any_depth(change, argument):
    with pytest.raises(checks.Failed, match=r"^argument 1 after the call: expected .* Copy it\.$") as stopped:
        checks.untouched(change, argument, hint="Copy it.")
    assert stopped.value.hint == "Copy it."


def test_typed_is_exact():
    checks.typed(3, int, "count")
    for got in (True, LyingText("x"), 3.0):
        with pytest.raises(AssertionError, match="a value of type int, got"):
            checks.typed(got, int, "count")


def test_breaks_shows_the_line_and_the_error_and_goes_on(capsys):
    def block(text):
        return int(text)

    with checks.breaks(ValueError, "invalid literal"):
        block("3")
        block("three")
    shown = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r'line \d+: block\("three"\)', shown[0])
    assert shown[1:] == ["ValueError: invalid literal for int() with base 10: 'three'"]


def test_breaks_takes_a_derived_error_and_names_what_came(capsys):
    with checks.breaks(ValueError):
        raise CourseError("Expected this, but that came: change it.")
    assert capsys.readouterr().out.endswith("CourseError: Expected this, but that came: change it.\n")


def test_breaks_stops_when_nothing_breaks(capsys):
    sentence = r"^The block should raise a ValueError, but it ran to its end: run .*\.$"
    with pytest.raises(AssertionError, match=sentence), checks.breaks(ValueError):
        int("3")
    assert not capsys.readouterr().out


@pytest.mark.parametrize(
    ("expected", "part", "sentence"),
    [
        (KeyError, "", "should raise a KeyError, but ValueError: invalid literal .* came"),
        (ValueError, "negative", "should raise a ValueError that says 'negative', but ValueError: invalid literal"),
    ],
)
def test_breaks_stops_when_another_error_comes(capsys, expected, part, sentence):
    with pytest.raises(AssertionError, match=sentence) as stopped, checks.breaks(expected, part):
        int("three")
    assert isinstance(stopped.value.__cause__, ValueError)
    assert not capsys.readouterr().out


def test_breaks_lets_an_interrupt_through():
    with pytest.raises(KeyboardInterrupt), checks.breaks(ValueError):
        raise KeyboardInterrupt
