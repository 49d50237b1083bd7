"""Difficulty and discrimination are the textbook's, with a reason where they cannot be had."""

import numpy as np
import pytest
from scipy import stats

from grader.class_report import item_analysis
from tests.support import class_rows


def test_difficulty_and_discrimination_are_those_of_the_textbook(lab):
    rows = [row for row in class_rows.many(lab, 300) if not row.problem]
    found = item_analysis.items(rows, lab)
    earned = np.array([[result.earned for result in row.results] for row in rows])
    for at, item in enumerate(found):
        rest = np.delete(earned, at, axis=1).sum(axis=1)
        assert item.share == pytest.approx(earned[:, at].mean() / 2)
        assert item.discrimination == pytest.approx(stats.pointbiserialr(earned[:, at] > 0, rest).statistic)
        wilson = stats.binomtest(item.full, len(rows)).proportion_ci(method="wilson")
        assert (item.low, item.high) == pytest.approx(tuple(wilson), abs=1e-4)
    assert found[0].share > found[1].share > found[2].share


@pytest.mark.parametrize(
    ("item", "rest", "why"),
    [
        ([0, 1], [1, 0], "fewer than 20 students"),
        ([1] * 20, list(range(20)), "all have the same points here"),
        (list(range(20)), [3] * 20, "all have the same points elsewhere"),
    ],
)
def test_discrimination_is_left_out_with_a_reason(item, rest, why):
    assert item_analysis.discrimination(np.array(item), np.array(rest)) == (None, why)


def test_common_failures_count_submissions_that_ran(lab):
    rows = [class_rows.row(lab, "a", (0, 1, 1)), class_rows.row(lab, "b", (0, 0.5, 1))]
    rows.append(class_rows.row(lab, "c", (0, 0, 0), problem="The file is no notebook."))
    counts = [(failure.check, failure.count, failure.hint) for failure in item_analysis.failures(rows)]
    assert counts == [("fitting-check", 2, "Think again."), ("mean-check", 1, "Think again.")]
