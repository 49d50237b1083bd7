"""Solutions return to the released order, unless that takes from a cell what it needs at once."""

import pytest

from grader.repair.cell_order import in_order

BASE = "def base():\n    return 1\n"


def ordered(*cells):
    """cells: (source, place)."""
    return [place for _, place in in_order(cells, lambda cell: cell[0], lambda cell: cell[1])]


def test_solutions_return_and_what_was_added_stays():
    assert ordered(("b = 2", 1), ("x = 1", None), ("a = 1", 0)) == [0, None, 1]


@pytest.mark.parametrize(
    "needs", ["x = base()", "@base\ndef f():\n    pass", "class C(base):\n    pass", "[base() for _ in 'a']"]
)
def test_a_cell_that_needs_another_at_once_stays_below_it(needs):
    assert ordered((BASE, 1), (needs, 0)) == [1, 0]


def test_what_is_needed_only_when_it_is_called_moves_nothing():
    assert ordered((BASE, 1), ("def f():\n    return base()\n", 0)) == [0, 1]


def test_what_a_function_needs_that_is_called_at_once_counts():
    helper = "def helper():\n    return base()\n"
    assert ordered((helper, None), (BASE, 1), ("x = helper()", 0)) == [None, 1, 0]
