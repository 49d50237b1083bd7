"""What a late submission costs: the instructor's policy, as nbgrader's plugin has one, and nothing by default.

The platform says who was late. The policy is applied to rows that are graded already, so that another one grades nobody
again.

Source: nbgrader, plugins/latesubmission.py: a penalty is a number of points beside the score, which stays.
"""

from collections.abc import Iterable
from dataclasses import replace

from grader.records import Row, Submission


def marked(rows: Iterable[Row], submissions: Iterable[Submission], percent: float = 0.0) -> list[Row]:
    """The rows with their late marks. percent: of the points that a late submission has earned, taken off."""
    late = {(submission.student, submission.assignment) for submission in submissions if submission.late}
    return [_late(row, percent) if (row.student, row.assignment) in late else row for row in rows]


def _late(row: Row, percent: float) -> Row:
    earned = replace(row, penalty=0.0).earned
    return replace(row, late=True, penalty=earned * percent / 100)
