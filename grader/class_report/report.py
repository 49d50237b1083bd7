"""The class report: one page, offline, for the instructor."""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Assignment
from grader.class_report import figures, similarity
from grader.class_report.item_analysis import (
    FEWEST_STUDENTS,
    CheckItem,
    Failure,
    Item,
    check_items,
    failures,
    items,
)
from grader.class_report.similarity import Group
from grader.records import Row
from grader.results.html_pages import rendered
from grader.results.sanitize import has_all_points
from grader.results.sections import latest
from utils.plotting import Picture

MAX_LISTED = 15
SLOW_TIMES = 3
SLOW_S = 5.0
SLOW = f"{SLOW_TIMES} times the median or more, and {SLOW_S:g} seconds or more"


@dataclass(frozen=True)
class Shortened:
    """The first of many things, and how many more there are."""

    shown: tuple
    more: int


@dataclass(frozen=True)
class Summary:
    """One assignment over the class."""

    name: str
    points: float
    rows: tuple[Row, ...]
    items: list[Item]
    checks: list[CheckItem]
    pictures: tuple[Picture, ...]
    failures: Shortened
    problems: Shortened
    missing: Shortened
    late: Shortened
    slow: Shortened
    repaired: Shortened
    groups: Shortened

    @property
    def mean(self) -> float:
        """Points, over all submissions."""
        return sum(row.earned for row in self.rows) / len(self.rows)

    @property
    def median(self) -> float:
        """The median of the points."""
        return statistics.median(row.earned for row in self.rows)

    @property
    def median_s(self) -> float:
        """The median of the seconds."""
        return statistics.median(row.seconds for row in self.rows)

    @property
    def full_count(self) -> int:
        """Submissions with all points."""
        return sum(has_all_points(row.earned, self.points) for row in self.rows)


def write(rows: Iterable[Row], assignments: Mapping[str, Assignment], path: Path) -> None:
    """The report of all rows as one HTML file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(rows, assignments), encoding="utf-8", errors="replace")


def page(rows: Iterable[Row], assignments: Mapping[str, Assignment]) -> str:
    """The report as HTML; of rows of one student and assignment, the last one counts."""
    by_assignment: dict[str, list[Row]] = {}
    for row in latest(rows):
        by_assignment.setdefault(row.assignment, []).append(row)
    summaries = [summary(group, assignments[name]) for name, group in by_assignment.items()]
    return rendered(
        "report.html", summaries=summaries, fewest=FEWEST_STUDENTS, slow=SLOW, alike=similarity.MIN_SIMILARITY
    )


def summary(all_rows: list[Row], assignment: Assignment) -> Summary:
    """What there is to say about one assignment. all_rows: at least one, each student once."""
    # Who handed in nothing is named, and counts in no mean.
    rows = [row for row in all_rows if row.handed_in] or all_rows
    # What never ran says nothing about an exercise's difficulty, unless nothing ran at all.
    ran = [row for row in rows if not row.problem] or rows
    by_exercise = items(ran, assignment)
    points = max(assignment.points, max(row.points for row in rows))
    earned = [row.earned for row in rows]
    return Summary(
        assignment.name,
        points,
        tuple(rows),
        by_exercise,
        check_items(ran, assignment),
        (figures.distribution(earned, points), figures.difficulty(by_exercise)),
        _shortened(failures(rows)),
        _shortened([row for row in rows if row.problem and row.handed_in]),
        _shortened([row for row in all_rows if not row.handed_in]),
        _shortened([row for row in rows if row.late]),
        _shortened(slow(rows)),
        _shortened([row for row in rows if row.repairs]),
        _shortened(_alike(rows)),
    )


def slow(rows: Iterable[Row]) -> list[Row]:
    """Submissions that took SLOW_TIMES the median and SLOW_S seconds or more, slowest first."""
    rows = list(rows)
    limit = max(SLOW_S, SLOW_TIMES * statistics.median(row.seconds for row in rows))
    return sorted((row for row in rows if row.seconds >= limit), key=lambda row: (-row.seconds, row.student))


def _alike(rows: list[Row]) -> list[Group]:
    return similarity.groups({row.student: dict(row.fingerprints) for row in rows})


def _shortened(entries: list[Row] | list[Failure] | list[Group]) -> Shortened:
    return Shortened(tuple(entries[:MAX_LISTED]), max(0, len(entries) - MAX_LISTED))
