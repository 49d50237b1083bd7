"""Feedback: points, hints, repairs; in its own folder whatever a student is called."""

import dataclasses
import re

import pytest

from grader.records import CheckResult
from grader.results import feedback
from tests.support import class_rows
from tests.support.result_pages import HOSTILE, Cells, assert_safe


def test_feedback_says_what_was_earned_and_why_not(lab):
    row = class_rows.row(lab, "ann", (1, 0.5, 0), repairs=("Two cells were doubled.",), seconds=75.2)
    html = feedback.page(row, lab)
    text = " ".join(Cells(html).text.split())
    assert_safe(html)
    assert "3 of 6 points" in text
    assert re.search(r"✓ passed 2 / 2 .*◐ in part 1 / 2 .*✗ not passed 0 / 2", text)
    assert text.count("Hint: Think again.") == 2
    assert "Two cells were doubled." in text
    assert "1 min 15 s" in text
    assert "64.0 MiB" in text


def test_feedback_of_a_submission_that_gave_nothing_lists_every_check(lab):
    row = class_rows.row(lab, "ann", (1, 1, 1), results=(), problem="The file is no notebook.", digest="")
    text = " ".join(Cells(feedback.page(row, lab)).text.split())
    assert "0 of 6 points" in text
    assert text.count("✗ not passed") == 3
    assert "The file is no notebook." in text


def test_feedback_shows_private_checks_by_title_alone(lab):
    row = class_rows.row(lab, "ann", (1, 1, 1))
    row = dataclasses.replace(row, results=(*row.results, CheckResult("private-1", "large inputs", 1.0, 4.0)))
    text = " ".join(Cells(feedback.page(row, lab)).text.split())
    assert "7 of 10 points" in text
    assert "large inputs" in text
    assert "private-1" not in text


@pytest.mark.parametrize(
    "student", ["../../etc/ann", "..", ".", "a/b", "a\\b", "", "x" * 400, "\ud800", "~ann", HOSTILE]
)
def test_feedback_stays_in_its_folder_whatever_a_student_is_called(lab, tmp_path, student):
    paths = feedback.write([class_rows.row(lab, student, (1, 1, 0))], {lab.name: lab}, tmp_path / "feedback")
    assert [path.resolve() for path in paths] == [path for path in tmp_path.rglob("*") if path.is_file()]
    assert paths[0].parent.parent.parent == tmp_path / "feedback"
    assert_safe(paths[0].read_text(encoding="utf-8"))
