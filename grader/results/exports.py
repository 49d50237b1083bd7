"""Grades as CSV: one table for people, and the files that Canvas and Moodle import.

Source: the columns are those that Canvas's lib/gradebook_importer.rb and Moodle's grade/import/csv read.
"""

import csv
import html
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.records import Row
from grader.results.sanitize import number, plain

HEADER = ("student", "assignment", "points", "maximum", "problem", "repairs", "seconds")
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "Points Possible"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def latest(rows: Iterable[Row]) -> list[Row]:
    """Each student and assignment once: the last row wins. Sorted by assignment, then student."""
    found = {(row.assignment, row.student): row for row in rows}
    return [found[key] for key in sorted(found)]


def grades(rows: Iterable[Row], path: Path) -> None:
    """grades.csv: points and maximum, problem and repairs in words, seconds in the sandbox."""
    _write(path, [HEADER, *(_grade(row) for row in latest(rows))])


def canvas(rows: Iterable[Row], path: Path, ids: Mapping[str, str] | None = None) -> None:
    """Canvas's gradebook import: a column for each assignment, what it can give in the second row.

    Canvas finds a student by ID, then by SIS Login ID, for which the student's name here stands, then by name.
    ids: Canvas's own number of each student, where known. A student without a submission has an empty cell, which
    leaves Canvas's grade as it is. An assignment that Canvas does not have is offered as a new one.
    """
    by_student: dict[str, dict[str, Row]] = {}
    for row in latest(rows):
        by_student.setdefault(row.student, {})[row.assignment] = row
    names = sorted({name for found in by_student.values() for name in found})
    most = {name: max(found[name].points for found in by_student.values() if name in found) for name in names}
    table = [(*CANVAS, *names), (f"    {POINTS_POSSIBLE}", "", "", "", "", *(number(most[name]) for name in names))]
    for student, found in sorted(by_student.items()):
        # A first cell that holds these words would make Canvas read the line as the one above.
        shown = safe(student).replace(POINTS_POSSIBLE, POINTS_POSSIBLE.lower())
        earned = (number(found[name].earned) if name in found else "" for name in names)
        table.append((shown, (ids or {}).get(student, ""), "", safe(student), "", *earned))
    _write(path, table)


def moodle(rows: Iterable[Row], folder: Path, identifier: str = "Username") -> list[Path]:
    """Moodle's grade import, one file for each assignment: identifier, grade, feedback.

    identifier: the heading over the students' names, which Moodle's form maps to a field: "Username", "ID number" or
    "Email address". One file for each assignment, because Moodle takes an empty grade for "no grade" and deletes one.
    """
    found = latest(rows)
    paths = []
    for name in sorted({row.assignment for row in found}):
        heading = (identifier, f"Assignment: {name} (Real)", f"Assignment: {name} (Feedback)")
        lines = [(safe(row.student), number(row.earned), _feedback(row)) for row in found if row.assignment == name]
        paths.append(folder / f"moodle_{name}.csv")
        _write(paths[-1], [heading, *lines])
    return paths


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before one.

    >>> safe("=1+1"), safe("ann")
    ("'=1+1", 'ann')

    Source: OWASP, CSV Injection.
    """
    text = plain(text)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) else text


def _grade(row: Row) -> Sequence[str]:
    words = (safe(row.student), safe(row.assignment), safe(row.problem), safe(" ".join(row.repairs)))
    student, assignment, problem, repairs = words
    return student, assignment, number(row.earned), number(row.points), problem, repairs, f"{row.seconds:.1f}"


def _feedback(row: Row) -> str:
    """One line; escaped, because Moodle reads it as HTML."""
    lost = [
        f"{result.title or result.check} ({number(result.earned)} of {number(result.points)}) {result.hint}".strip()
        for result in row.results
        if result.earned < result.points
    ]
    words = [f"{number(row.earned)} of {number(row.points)} points.", row.problem, *lost, *row.repairs]
    return safe(html.escape(" ".join(plain(word) for word in words if word), quote=False))


def _write(path: Path, table: Iterable[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
