"""A row's results by exercise, as every table and page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from grader.assignment import Assignment, Check
from grader.records import CheckResult, Row


@dataclass(frozen=True)
class Section:
    """An exercise and what its checks gave."""

    name: str
    results: tuple[CheckResult, ...]

    @property
    def earned(self) -> float:
        """Points of its checks."""
        return sum(result.earned for result in self.results)

    @property
    def points(self) -> float:
        """Points that they could give."""
        return sum(result.points for result in self.results)


def latest(rows: Iterable[Row]) -> list[Row]:
    """Each student and assignment once: the last row wins. Sorted by assignment, then student."""
    by_key = {(row.assignment, row.student): row for row in rows}
    return [by_key[key] for key in sorted(by_key)]


def sections(row: Row, assignment: Assignment) -> list[Section]:
    """The row's results by exercise, in the lab's order; checks of no exercise come last."""
    results = {result.check: result for result in row.results}
    exercises = []
    for exercise in assignment.exercises:
        # A submission that could not be graded has no results: its page lists the checks all the same.
        exercise_results = tuple(results.pop(check.name, _no_points(check)) for check in exercise.checks)
        exercises.append(Section(exercise.name, exercise_results))
    return [*exercises, Section("further checks", tuple(results.values()))] if results else exercises


def _no_points(check: Check) -> CheckResult:
    return CheckResult(check.name, check.title, 0.0, check.points)
