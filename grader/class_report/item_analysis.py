"""What a class's points say about its exercises: difficulty, discrimination, the checks that fail most."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.assignment import Assignment
from grader.records import Row
from grader.results.sanitize import has_all_points
from grader.results.sections import sections

FEWEST_STUDENTS = 20


@dataclass(frozen=True)
class Item:
    """One exercise over a class.

    share: mean share of its points, 0 to 1; low, high: interval of 95 % for other students of this kind. full: how many
    have all points. discrimination: correlation of its points with the points of the other exercises, None where that
    is not defined; why: the reason then.
    """

    name: str
    points: float
    share: float
    low: float
    high: float
    full: int
    discrimination: float | None
    why: str = ""


@dataclass(frozen=True)
class CheckItem:
    """One check over a class. share: mean share of its points, 0 to 1; full: how many have all of them."""

    exercise: str
    title: str
    points: float
    share: float
    full: int


@dataclass(frozen=True)
class Failure:
    """A check and how many lost points on it. hint: the one most of them got."""

    check: str
    title: str
    count: int
    hint: str


def items(rows: Sequence[Row], assignment: Assignment) -> list[Item]:
    """Every exercise of the assignment, in its order."""
    exercises = assignment.exercises
    # A last section may hold further checks, of no exercise.
    sections_by_row = [sections(row, assignment)[: len(exercises)] for row in rows]
    earned = np.array([[section.earned for section in row_sections] for row_sections in sections_by_row], dtype=float)
    return [_item(exercise.name, exercise.points, earned, column) for column, exercise in enumerate(exercises)]


def check_items(rows: Sequence[Row], assignment: Assignment) -> list[CheckItem]:
    """Every check of the assignment, in its order: an exercise may give points for its mathematics and its refusals."""
    earned = {check.name: [] for exercise in assignment.exercises for check in exercise.checks}
    for result in (result for row in rows for section in sections(row, assignment) for result in section.results):
        if result.check in earned:
            earned[result.check].append(result.earned)
    return [
        CheckItem(
            exercise.name,
            check.title or check.name,
            check.points,
            float(np.mean(earned[check.name])) / check.points if check.points else 1.0,
            sum(has_all_points(value, check.points) for value in earned[check.name]),
        )
        for exercise in assignment.exercises
        for check in exercise.checks
    ]


def discrimination(item: Sequence[float], rest: Sequence[float]) -> tuple[float | None, str]:
    """Correlation of one exercise's points with the rest score, and why it is not given.

    r = cov(item, rest) / (sd(item)·sd(rest)); for an exercise that gives all or nothing it is the point-biserial one.
    The rest leaves the exercise itself out: with it, every exercise would seem to agree with the total.

    Source: Lord and Novick, Statistical Theories of Mental Test Scores (1968), chapter 15.
    """
    if len(item) < FEWEST_STUDENTS:
        return None, f"fewer than {FEWEST_STUDENTS} students"
    # Without variance the correlation is 0 / 0.
    if np.ptp(item) == 0:
        return None, "all have the same points here"
    if np.ptp(rest) == 0:
        return None, "all have the same points elsewhere"
    return float(np.corrcoef(item, rest)[0, 1]), ""


def failures(rows: Sequence[Row]) -> list[Failure]:
    """Checks by the number of submissions that ran and lost points on them, most first."""
    counts: Counter = Counter()
    titles, hints = {}, {}
    for result in (result for row in rows if not row.problem for result in row.results):
        if not has_all_points(result.earned, result.points):
            counts[result.check] += 1
            titles[result.check] = result.title
            hints.setdefault(result.check, Counter())[result.hint] += 1
    return [
        Failure(check, titles[check], count, hints[check].most_common(1)[0][0])
        for check, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _item(name: str, points: float, earned: np.ndarray, column: int) -> Item:
    """earned: points of each row (student) in each exercise (column)."""
    item_points, rest = earned[:, column], earned.sum(axis=1) - earned[:, column]
    shares = item_points / points if points else np.ones_like(item_points)
    share = float(shares.mean())
    low, high = _interval(share, len(item_points))
    return Item(
        name,
        points,
        share,
        low,
        high,
        sum(has_all_points(value, points) for value in item_points),
        *discrimination(item_points, rest),
    )


def _interval(share: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """Interval of a share in [0, 1] over `count` students, at least as wide as needed: Wilson's, for all or nothing.

    Points in between vary less than all or nothing with the same mean, so the interval holds for them too.

    Source: Wilson, Probable inference, the law of succession, and statistical inference (1927).
    """
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    # At a share of 0 or 1 rounding may put an end of the interval on the wrong side of it.
    return min(share, float(centre - half)), max(share, float(centre + half))
