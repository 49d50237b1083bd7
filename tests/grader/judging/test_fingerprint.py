"""Fingerprints of solutions: the same for the same code, and nothing for what says nothing."""

import pytest

from grader.class_report import similarity
from grader.judging.fingerprint import fingerprint, hash_values
from tests.support import class_rows


def test_names_comments_docstrings_and_layout_do_not_change_a_fingerprint():
    loop = fingerprint(class_rows.LOOP.format(0))
    assert loop
    assert fingerprint(class_rows.RENAMED) == loop
    changed = common_share(loop, fingerprint(class_rows.LOOP.format(1)))
    others = [common_share(loop, fingerprint(text.format(0))) for text in class_rows.SOLUTIONS[1:]]
    assert similarity.MIN_SIMILARITY <= changed < 1
    assert max(others) < 0.4


def test_a_number_of_more_digits_than_python_writes_is_one_like_others():
    """A source can hold it in hexadecimal digits, and the rest of the solution still tells its author."""
    one, two = (fingerprint(class_rows.LOOP.format(f"0x{digits * 5000}")) for digits in "f1")
    assert one == two != ""


def common_share(one, other):
    return (hash_values(one) == hash_values(other)).mean()


@pytest.mark.parametrize(
    "source",
    [
        "",
        "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
        "def f(:",
        "x = '\x00'",
        "(" * 10_000,
        "-" * 40_000 + "1",
        "x = 1\n" * 100_000,
        "\ud800",
        "a" + ".b" * 20_000,
    ],
    ids=range(9),
)
def test_what_says_nothing_has_no_fingerprint(source):
    assert fingerprint(source) == ""
