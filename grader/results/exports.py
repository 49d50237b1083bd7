"""Grades as CSV: one table for people, and the files that Canvas and Moodle import.

Source: the columns are those that Canvas's lib/gradebook_importer.rb and Moodle's grade/import/csv read.
"""

import csv
import html
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.records import Row
from grader.results.sanitize import number, plain

GRADES_COLUMNS = ("student", "assignment", "points", "maximum", "problem", "repairs", "seconds")
# Canvas takes the first two columns for name and number, looks for the SIS ones in the next two, and refuses a file
# whose last column before the assignments is not "Section".
CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "Points Possible"
# Excel and LibreOffice run a cell that begins so as a formula, which may start programs or send other cells' contents
# to a server. The last four are the full-width forms, which Excel takes for the same signs.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def latest(rows: Iterable[Row]) -> list[Row]:
    """Each student and assignment once: the last row wins. Sorted by assignment, then student."""
    by_key = {(row.assignment, row.student): row for row in rows}
    return [by_key[key] for key in sorted(by_key)]


def grades(rows: Iterable[Row], path: Path) -> None:
    """grades.csv: points and maximum, problem and repairs in words, seconds in the sandbox."""
    _write(path, [GRADES_COLUMNS, *(_grades_line(row) for row in latest(rows))])


def canvas(rows: Iterable[Row], path: Path, ids: Mapping[str, str] | None = None) -> None:
    """Canvas's gradebook import: a column for each assignment, what it can give in the second row.

    Canvas finds a student by ID, then by SIS Login ID, for which the student's name here stands, then by name.
    ids: Canvas's own number of each student, where known. A student without a submission has an empty cell, which
    leaves Canvas's grade as it is. An assignment that Canvas does not have is offered as a new one.
    """
    by_student: dict[str, dict[str, Row]] = {}
    for row in latest(rows):
        by_student.setdefault(row.student, {})[row.assignment] = row
    names = sorted({name for own_rows in by_student.values() for name in own_rows})
    # Of all rows, as a private check may add points to some.
    max_points = {
        name: max(own_rows[name].points for own_rows in by_student.values() if name in own_rows) for name in names
    }
    # Canvas knows this line by words anywhere in its first cell; its own exports put the spaces there.
    points_line = (f"    {POINTS_POSSIBLE}", "", "", "", "", *(number(max_points[name]) for name in names))
    table = [(*CANVAS_COLUMNS, *names), points_line]
    for student, own_rows in sorted(by_student.items()):
        # A first cell that holds these words would make Canvas read the line as the one above.
        name_cell = escape_formula(student).replace(POINTS_POSSIBLE, POINTS_POSSIBLE.lower())
        earned = (number(own_rows[name].earned) if name in own_rows else "" for name in names)
        table.append((name_cell, (ids or {}).get(student, ""), "", escape_formula(student), "", *earned))
    _write(path, table)


def moodle(rows: Iterable[Row], folder: Path, identifier: str = "Username") -> list[Path]:
    """Moodle's grade import, one file for each assignment: identifier, grade, feedback.

    identifier: the heading over the students' names, which Moodle's form maps to a field: "Username", "ID number" or
    "Email address". One file for each assignment, because Moodle takes an empty grade for "no grade" and deletes one.
    """
    rows_by_assignment: dict[str, list[Row]] = {}
    for row in latest(rows):
        rows_by_assignment.setdefault(row.assignment, []).append(row)
    paths = []
    for name, own_rows in rows_by_assignment.items():
        # As in Moodle's own exports, so that its form can map the columns by their names.
        header = (identifier, f"Assignment: {name} (Real)", f"Assignment: {name} (Feedback)")
        lines = [(escape_formula(row.student), number(row.earned), _feedback(row)) for row in own_rows]
        paths.append(folder / f"moodle_{name}.csv")
        _write(paths[-1], [header, *lines])
    return paths


def escape_formula(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before one.

    >>> escape_formula("=1+1"), escape_formula("ann")
    ("'=1+1", 'ann')

    Source: OWASP, CSV Injection.
    """
    text = plain(text)
    # Spaces in front do not stop a spreadsheet.
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA_STARTS) else text


def _grades_line(row: Row) -> Sequence[str]:
    texts = (row.student, row.assignment, row.problem, " ".join(row.repairs))
    student, assignment, problem, repairs = map(escape_formula, texts)
    return student, assignment, number(row.earned), number(row.points), problem, repairs, f"{row.seconds:.1f}"


def _feedback(row: Row) -> str:
    """One line; escaped, because Moodle reads it as HTML."""
    lost = [
        f"{result.title or result.check} ({number(result.earned)} of {number(result.points)}) {result.hint}".strip()
        for result in row.results
        if result.earned < result.points
    ]
    sentences = [f"{number(row.earned)} of {number(row.points)} points.", row.problem, *lost, *row.repairs]
    return escape_formula(html.escape(" ".join(plain(sentence) for sentence in sentences if sentence), quote=False))


def _write(path: Path, table: Iterable[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # newline="": the csv module writes line ends by itself, and they would be translated once more on Windows.
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
