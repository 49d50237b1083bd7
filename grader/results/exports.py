"""Grades as tables for people: one of submissions, and one of what each check gave."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.assignment import Assignment
from grader.records import CheckResult, Row
from grader.results.sanitize import number, plain
from grader.results.sections import latest, sections

GRADES_COLUMNS = ("student", "assignment", "points", "maximum", "late", "penalty", "problem", "repairs", "seconds")
CHECKS_COLUMNS = ("student", "assignment", "exercise", "check", "title", "points", "maximum", "hint")
# Excel and LibreOffice run a cell that begins so as a formula, which may start programs or send other cells' contents
# to a server. The last four are the full-width forms, which Excel takes for the same signs.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What platforms write for a number or for nothing.
NO_FORMULA = re.compile(r"[+-]?[\d.,]*%?")


def grades(rows: Iterable[Row], path: Path) -> None:
    """grades.csv: points and maximum; "late" and its cost; problem and repairs in words; seconds in the sandbox."""
    write_table(path, [GRADES_COLUMNS, *(_grades_line(row) for row in latest(rows))])


def checks(rows: Iterable[Row], assignments: Mapping[str, Assignment], path: Path) -> None:
    """checks.csv: a line for each check of each submission, with its exercise, title and hint.

    assignments: by name.
    """
    lines = (
        (row.student, row.assignment, section.name, result)
        for row in latest(rows)
        for section in sections(row, assignments[row.assignment])
        for result in section.results
    )
    write_table(path, [CHECKS_COLUMNS, *(_checks_line(*line) for line in lines)])


def escape_formula(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before one.

    >>> escape_formula("=1+1"), escape_formula("ann")
    ("'=1+1", 'ann')

    Source: OWASP, CSV Injection.
    """
    return guarded(plain(text))


def guarded(text: str) -> str:
    """A cell as it is, but for a formula; numbers and a lone sign are none."""
    # Spaces in front do not stop a spreadsheet.
    start = text.lstrip(" \u00a0")
    is_formula = start.startswith(FORMULA_STARTS) and not NO_FORMULA.fullmatch(start)
    return f"'{text}" if is_formula else text


def _grades_line(row: Row) -> Sequence[str]:
    texts = (row.student, row.assignment, row.problem, " ".join(row.repairs))
    student, assignment, problem, repairs = map(escape_formula, texts)
    late, penalty = ("late", number(row.penalty)) if row.late else ("", "")
    points, maximum, seconds = number(row.earned), number(row.points), f"{row.seconds:.1f}"
    return student, assignment, points, maximum, late, penalty, problem, repairs, seconds


def _checks_line(student: str, assignment: str, exercise: str, result: CheckResult) -> Sequence[str]:
    names = map(escape_formula, (student, assignment, exercise, result.check, result.title))
    return *names, number(result.earned), number(result.points), escape_formula(result.hint)


def write_table(path: Path, table: Iterable[Sequence[str]]) -> None:
    """A CSV file as spreadsheets and platforms read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # newline="": the csv module writes line ends by itself, and they would be translated once more on Windows.
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
