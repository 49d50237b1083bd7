"""One page for each student and assignment: points, safe hints, repairs, time and memory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from grader.assignment import Assignment
from grader.records import CheckResult, Row
from grader.results.exports import latest
from grader.results.html_pages import rendered

# A file system allows 255 bytes; %-escapes are ASCII, so these are characters and bytes, and ".html" fits behind.
MAX_NAME_LENGTH = 120


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


def write(rows: Iterable[Row], assignments: Mapping[str, Assignment], folder: Path) -> list[Path]:
    """The pages as nbgrader lays out its own: folder/STUDENT/ASSIGNMENT/ASSIGNMENT.html. Returns their paths."""
    paths = []
    for row in latest(rows):
        name = file_name(row.assignment)
        paths.append(folder / file_name(row.student) / name / f"{name}.html")
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        # A lone surrogate, from a name or an output that was no UTF-8, becomes a question mark.
        paths[-1].write_text(page(row, assignments[row.assignment]), encoding="utf-8", errors="replace")
    return paths


def page(row: Row, assignment: Assignment) -> str:
    """The page of one row."""
    return rendered("feedback.html", row=row, sections=sections(row, assignment))


def sections(row: Row, assignment: Assignment) -> list[Section]:
    """The row's results by exercise, in the lab's order; checks of no exercise come last."""
    results = {result.check: result for result in row.results}
    exercises = []
    for exercise in assignment.exercises:
        # A submission that could not be graded has no results: its page lists the checks all the same.
        exercise_results = tuple(results.pop(check.name, _no_points(check)) for check in exercise.checks)
        exercises.append(Section(exercise.name, exercise_results))
    return [*exercises, Section("further checks", tuple(results.values()))] if results else exercises


def file_name(text: str) -> str:
    """A name for a file or folder that holds no separator, is not hidden, and differs for each text.

    >>> file_name("ann"), file_name("../ann")
    ('ann', '%2E.%2Fann')
    """
    # "%" alone stands for the empty name: no other text gives it, since quote() escapes a "%" as "%25".
    name = quote(text, safe="@+ ", errors="replace") or "%"
    name = f"%2E{name[1:]}" if name.startswith(".") else name
    if len(name) <= MAX_NAME_LENGTH:
        return name
    return f"{name[: MAX_NAME_LENGTH - 17]}-{sha256(text.encode(errors='replace')).hexdigest()[:16]}"


def _no_points(check) -> CheckResult:
    return CheckResult(check.name, check.title, 0.0, check.points)
