"""Grades as Canvas and Moodle import them, by the numbers that their own export or roster states.

Source: the columns are those that canvas-lms, lib/gradebook_importer.rb, and moodle, grade/import/csv and
mod/assign/feedback/offline/importgradeslib.php, look up.
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.intake.platforms import LabNames
from grader.intake.roster import CANVAS_NAMES, POINTS_POSSIBLE, Roster
from grader.records import Row, Submission
from grader.results.exports import escape_formula, guarded, write_table
from grader.results.sanitize import number, plain
from grader.results.sections import latest

# Canvas takes the first two columns for name and number, looks for the SIS ones in the next two, and refuses a file
# whose last column before the assignments is not "Section".
CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
STUDENT_COLUMNS = {*CANVAS_COLUMNS, *CANVAS_NAMES, "Integration ID", "Root Account"}
# Moodle's importer refuses a worksheet that lacks one of the first three, and reads feedback where it finds the fourth.
FEEDBACK_COLUMN, MAXIMUM_COLUMN = "Feedback comments", "Maximum Grade"
REQUIRED_COLUMNS = ("Identifier", "Grade", "Last modified (grade)")
WORKSHEET_COLUMNS = ("Identifier", "Full name", "Grade", "Last modified (grade)", FEEDBACK_COLUMN)


def write(rows: Sequence[Row], submissions: Iterable[Submission], roster: Roster | None, out: Path) -> list[str]:
    """canvas.csv and moodle/moodle_NN_topic.csv, or the one of the platform that the submissions came from.

    Returns sentences about what these files cannot say.
    """
    submissions = list(submissions)
    numbers = {
        platform: {each.student: each.platform_id for each in submissions if each.platform == platform}
        for platform in ("canvas", "moodle")
    }
    for platform, by_student in numbers.items():
        numbers[platform] = {student: number for student, number in by_student.items() if number}
    if not any(numbers.values()):
        canvas(rows, out / "canvas.csv")
        moodle(rows, out / "moodle")
        return [_without_numbers(submissions)]
    if numbers["canvas"]:
        canvas(rows, out / "canvas.csv", numbers["canvas"], roster)
    if numbers["moodle"]:
        moodle(rows, out / "moodle", numbers["moodle"], roster)
    return _other_maxima(rows, roster) if roster else _nameless(submissions)


def _without_numbers(submissions: list[Submission]) -> str:
    if any(submission.platform == "canvas" for submission in submissions):
        return (
            "Canvas has hidden the students' names, and takes no grades back by the codes in their place: show the "
            "names there, and download the submissions again."
        )
    return (
        "canvas.csv and moodle/ name students as their files are named, since no number of theirs is known: give a "
        "gradebook export of Canvas or a grading worksheet of Moodle with --roster."
    )


def _nameless(submissions: list[Submission]) -> list[str]:
    students = sorted({each.student for each in submissions if not each.platform_id})
    names, more = ", ".join(students[:10]), f" and {len(students) - 10} more" if len(students) > 10 else ""
    return [f"No number is known, and so no platform takes back the grades, of {names}{more}."] if students else []


@dataclass(frozen=True)
class _Line:
    """A student's line in Canvas's table. cells: up to the section. before: what stands in the roster, by heading."""

    cells: tuple[str, ...]
    rows: Mapping[str, Row]
    before: Mapping[str, str]


def canvas(
    rows: Iterable[Row], path: Path, numbers: Mapping[str, str] | None = None, roster: Roster | None = None
) -> None:
    """Canvas's gradebook import: a column for each assignment, what it can give in the line below the headings.

    Canvas finds a student by ID, then by SIS login, then by name. numbers: Canvas's ID of each student; where they are
    given, others are left out. roster: its own columns of students are given back, and its column of an assignment;
    who has handed in nothing keeps what stands there. An assignment that Canvas does not have is offered as a new one.
    """
    by_student: dict[str, dict[str, Row]] = {}
    for row in latest(rows):
        if numbers is None or row.student in numbers:
            by_student.setdefault(row.student, {})[row.assignment] = row
    columns = tuple(name for name in roster.header if name in STUDENT_COLUMNS) if roster else CANVAS_COLUMNS
    lines = _roster_lines(by_student, numbers or {}, roster, columns) if roster else _lines(by_student, numbers or {})
    labs = sorted({lab for own_rows in by_student.values() for lab in own_rows})
    titles = [_title(lab, roster) for lab in labs]
    # Of all rows, as a private check may add points to some.
    points = [max(own_rows[lab].points for own_rows in by_student.values() if lab in own_rows) for lab in labs]
    # Canvas knows this line by words anywhere in its first cell; its own exports put the spaces there.
    table = [(*columns, *titles), (f"    {POINTS_POSSIBLE}", *[""] * (len(columns) - 1), *map(number, points))]
    for line in lines:
        grades = (
            _grade(line.rows.get(lab), line.before.get(title, "")) for lab, title in zip(labs, titles, strict=True)
        )
        table.append((*line.cells, *grades))
    write_table(path, table)


def _lines(by_student: Mapping[str, Mapping[str, Row]], numbers: Mapping[str, str]) -> list[_Line]:
    """Without a roster: the name here and the number, and no login, which nothing tells."""
    return [
        _Line((_name_cell(escape_formula(student)), numbers.get(student, ""), "", "", ""), own_rows, {})
        for student, own_rows in sorted(by_student.items())
    ]


def _roster_lines(
    by_student: Mapping[str, Mapping[str, Row]], numbers: Mapping[str, str], roster: Roster, columns: Sequence[str]
) -> list[_Line]:
    by_number: dict[str, dict[str, Row]] = {}
    for student, own_rows in by_student.items():
        known = by_number.setdefault(numbers[student], {})
        known |= {lab: _better(row, known.get(lab)) for lab, row in own_rows.items()}
    lines = []
    for person in roster.people:
        before = dict(zip(roster.header, person.cells, strict=True))
        first, *others = (guarded(before[column]) for column in columns)
        lines.append(_Line((_name_cell(first), *others), by_number.get(person.number, {}), before))
    return lines


def _better(row: Row, other: Row | None) -> Row:
    """Of one person who has handed in under two names the row with more points."""
    return row if other is None or (row.handed_in, row.earned) > (other.handed_in, other.earned) else other


def _name_cell(name: str) -> str:
    """A first cell that holds the line's words would make Canvas read the line as that of points."""
    return name.replace(POINTS_POSSIBLE, POINTS_POSSIBLE.lower())


def _title(lab: str, roster: Roster | None) -> str:
    """The roster's heading of a lab, "Lab 02: Prompting (4711)", whose number Canvas looks up; else the lab's name."""
    headings = [name for name in roster.header if name not in STUDENT_COLUMNS] if roster else []
    own = [heading for heading in headings if LabNames([lab]).find_innermost((heading,)) == lab]
    # Of several, a quiz perhaps: a column of its own is offered as a new assignment, and overwrites nobody's grades.
    return own[0] if len(own) == 1 else lab


def _grade(row: Row | None, before: str = "") -> str:
    return number(row.earned) if row and row.handed_in else before


def moodle(
    rows: Iterable[Row], folder: Path, numbers: Mapping[str, str] | None = None, roster: Roster | None = None
) -> list[Path]:
    """Moodle's import, one file for each assignment, because Moodle takes an empty grade for none.

    numbers: of the participants, for Moodle's grading worksheet; without them it is a table for the import into its
    gradebook, whose form asks which of its fields the students' names are. roster: the worksheet, given back with
    grades and feedback in it.
    """
    rows_by_assignment: dict[str, dict[str, Row]] = {}
    for row in latest(rows):
        if numbers is None or row.student in numbers:
            rows_by_assignment.setdefault(row.assignment, {})[row.student] = row
    paths = []
    for lab, own_rows in rows_by_assignment.items():
        paths.append(folder / f"moodle_{lab}.csv")
        if roster:
            by_number: dict[str, Row] = {}
            for student, row in own_rows.items():
                by_number[numbers[student]] = _better(row, by_number.get(numbers[student]))
            table = _filled_worksheet(roster, by_number)
        else:
            table = _worksheet(own_rows, numbers) if numbers else _gradebook_table(lab, own_rows)
        write_table(paths[-1], table)
    return paths


def _gradebook_table(lab: str, rows: Mapping[str, Row]) -> list[Sequence[str]]:
    # As in Moodle's own exports, so that its form can map the columns by their names.
    header = ("Student", f"Assignment: {lab} (Real)", f"Assignment: {lab} (Feedback)")
    return [header, *((escape_formula(student), number(row.earned), _feedback(row)) for student, row in rows.items())]


def _worksheet(rows: Mapping[str, Row], numbers: Mapping[str, str]) -> list[Sequence[str]]:
    lines = [
        (f"Participant {numbers[student]}", escape_formula(student), number(row.earned), "", _feedback(row))
        for student, row in rows.items()
    ]
    return [WORKSHEET_COLUMNS, *lines]


def _filled_worksheet(roster: Roster, rows: Mapping[str, Row]) -> list[Sequence[str]]:
    """The roster's own table; who has handed in nothing keeps what stands there."""
    header = (*roster.header, *(column for column in REQUIRED_COLUMNS if column not in roster.header))
    table: list[Sequence[str]] = [header]
    for person in roster.people:
        cells = dict(zip(roster.header, map(guarded, person.cells), strict=True))
        row = rows.get(person.number)
        if row and row.handed_in:
            cells |= {"Grade": number(row.earned), FEEDBACK_COLUMN: _feedback(row)}
        table.append([cells.get(column, "") for column in header])
    return table


def _other_maxima(rows: Iterable[Row], roster: Roster) -> list[str]:
    """A sentence for each assignment that gives other points on the platform: they are not converted."""
    maxima = {row.assignment: row.points for row in rows if row.handed_in}
    found = {lab: _maximum(lab, roster) for lab in maxima}
    return [
        f"{roster.platform.title()} gives {found[lab]} points for {lab}, and the lab {number(points)}: they are "
        "written as they are, so set the platform's maximum to the lab's."
        for lab, points in maxima.items()
        if found[lab] and found[lab] != number(points)
    ]


def _maximum(lab: str, roster: Roster) -> str:
    """What the roster says an assignment can give, "" where it says nothing."""
    cells, column = (roster.points, _title(lab, roster)) if roster.points else (roster.people[0].cells, MAXIMUM_COLUMN)
    headings = [heading.lower() for heading in roster.header]
    text = cells[headings.index(column.lower())] if column.lower() in headings else ""
    try:
        return number(float(text.replace(",", ".")))
    except ValueError:
        return ""


def _feedback(row: Row) -> str:
    """One line; escaped, because Moodle reads it as HTML."""
    lost = [
        f"{result.title or result.check} ({number(result.earned)} of {number(result.points)}) {result.hint}".strip()
        for result in row.results
        if result.earned < result.points
    ]
    late = f"Handed in late: {number(row.penalty)} points were taken off." if row.penalty else ""
    sentences = [f"{number(row.earned)} of {number(row.points)} points.", late, row.problem, *lost, *row.repairs]
    return escape_formula(html.escape(" ".join(plain(sentence) for sentence in sentences if sentence), quote=False))
