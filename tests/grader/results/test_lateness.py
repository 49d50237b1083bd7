"""What a late submission costs, in every place that says points."""

from pathlib import Path

import pytest
from nbgrader import api

from grader.class_report import report
from grader.records import NOTHING_HANDED_IN, Submission
from grader.results import database, exports, feedback, gradebook, lateness
from tests.support import class_rows
from tests.support.result_pages import Cells, table


def graded(lab, percent):
    rows = [class_rows.row(lab, "ann", (1, 1, 0.5)), class_rows.row(lab, "ben", (1, 1, 1))]
    late = Submission("ann", lab.name, Path("x"), "digest", late=True)
    return lateness.marked(rows, [late, Submission("ben", lab.name, Path("x"), "digest")], percent)


@pytest.mark.parametrize(("percent", "earned"), [(0, 5), (20, 4), (100, 0)])
def test_a_late_submission_loses_its_share_and_no_other(lab, percent, earned):
    ann, ben = graded(lab, percent)
    assert (ann.late, ann.earned, ann.penalty) == (True, earned, 5 - earned)
    assert (ben.late, ben.earned, ben.penalty) == (False, 6, 0)
    assert lateness.marked([ann], [Submission("ann", lab.name, Path("x"), "", late=True)], percent) == [ann]


def test_everything_shows_it(lab, tmp_path):
    rows = [*graded(lab, 20), class_rows.row(lab, "cyd", (0, 0, 0), problem=NOTHING_HANDED_IN, digest="")]
    exports.grades(rows, tmp_path / "grades.csv")
    assert [line[:6] for line in table(tmp_path / "grades.csv")[1:3]] == [
        ["ann", lab.name, "4", "6", "late", "1"],
        ["ben", lab.name, "6", "6", "", ""],
    ]
    text = " ".join(Cells(feedback.page(rows[0], lab)).text.split())
    assert "4 of 6 points This was handed in late: 1 of 5 points were taken off." in text
    assert "could not be graded" not in feedback.page(rows[2], lab)
    text = " ".join(Cells(report.page(rows, {lab.name: lab})).text.split())
    assert "Nothing handed in cyd" in text
    assert "Late submissions" in text
    assert "mean 5, median 5 of 6" in text
    assert "<dt>Submissions</dt><dd>2</dd>" in report.page(rows, {lab.name: lab})
    url = f"sqlite:///{tmp_path}/book.db"
    assert gradebook.write(rows, {lab.name: lab}, url) == []
    with database.opened(url) as book:
        submitted = book.find_submission(lab.name, "ann")
        assert (submitted.score, submitted.late_submission_penalty) == (5, 1)
        assert "cyd" in {student.id for student in book.students}
        with pytest.raises(api.MissingEntry):
            book.find_submission(lab.name, "cyd")
