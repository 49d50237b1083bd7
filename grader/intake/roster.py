"""Who is in the course, as the platform's own file says: a gradebook export of Canvas, a grading worksheet of Moodle.

It names people who handed in nothing, and it holds the numbers by which the platform takes grades back. Submissions are
matched by these numbers where their export states them, else by login, e-mail address, or name; by a name only where
one person alone has it.

Source: canvas-lms, lib/gradebook_importer.rb (row_has_student_headers?, check_for_non_student_row); moodle,
mod/assign/gradingtable.php (headings) and mod/assign/feedback/offline/importgradeslib.php.
"""

import csv
import io
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.intake.platforms import file_safe
from grader.records import NOTHING_HANDED_IN, Submission
from utils.errors import CourseError

CANVAS_NAMES, CANVAS_KEYS = ("LastName", "FirstName"), ("SIS User ID", "SIS Login ID", "Integration ID")
MOODLE_KEYS = ("Full name", "Email address", "ID number", "Username")
POINTS_POSSIBLE = "Points Possible"
# Of Canvas's second line: whether an assignment's grades are shown by hand.
POSTING = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)
# Canvas gives each course a made-up student of this name, for the instructor to try things.
TEST_STUDENTS = {"Student, Test", "Test Student"}
# What `file_safe` puts behind a name that it had to change.
MARK = re.compile(r"-[0-9a-f]{6}$")
# Moodle's words behind the status of a submission that came after the due date.
LATE = re.compile(r" late\b")
# What a spreadsheet saves: UTF-8, "Unicode text", or the code page of a European Windows.
ENCODINGS = (("utf-8-sig", b""), ("utf-16", (b"\xff\xfe", b"\xfe\xff")), ("cp1252", b""))
EXPECTED = "a gradebook export of Canvas (Student, ID) or a grading worksheet of Moodle in English (Identifier, Grade)"


@dataclass(frozen=True)
class Person:
    """A line of a roster. number: the platform's. student: the name here. keys: other ways to name them."""

    number: str
    student: str
    keys: frozenset[str]
    cells: tuple[str, ...]
    late: bool = False


@dataclass(frozen=True)
class Roster:
    """A platform's list of people. platform: "canvas" or "moodle". points: Canvas's line of what can be had."""

    platform: str
    header: tuple[str, ...]
    people: tuple[Person, ...]
    points: tuple[str, ...] = ()


def read(path: Path) -> Roster:
    """The roster in a file, whatever separates its cells. Raises CourseError for a file that holds none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CourseError(f"--roster should name a file, but {path.name!r} gives: {error.strerror}.") from None
    lines = _table(_decoded(data))
    for place, line in enumerate(lines[:5]):
        header = [cell.strip() for cell in line]
        if {"Student", "ID"} <= {*header} or {*CANVAS_NAMES, "ID"} <= {*header}:
            return _checked(_canvas(header, lines[place + 1 :]), path)
        if {"Identifier", "Grade"} <= {*header}:
            return _checked(_moodle(header, lines[place + 1 :]), path)
    raise CourseError(f"The roster should be {EXPECTED}, but {path.name!r} has other headings: download it again.")


def applied(roster: Roster, submissions: Sequence[Submission]) -> tuple[list[Submission], list[str]]:
    """The submissions with their numbers in the roster, and one that says so for each lab and person of whom none came.

    Also returns a sentence on people who are not in the roster.
    """
    found = {submission.student: _person(roster, submission) for submission in submissions}
    known = [_with_person(submission, roster, found[submission.student]) for submission in submissions]
    students = {person.number: student for student, person in found.items() if person}
    # By number where there is one: somebody may have handed in under a login and under a name.
    pairs = {(each.platform_id or each.student, each.assignment) for each in known}
    labs = sorted({submission.assignment for submission in submissions} - {""})
    missing = [
        Submission(student, lab, Path(), "", NOTHING_HANDED_IN, platform=roster.platform, platform_id=person.number)
        for person in roster.people
        for student in [students.get(person.number, person.student)]
        for lab in labs
        # Of whom a file came that tells no lab, there is a row already, which asks for its name.
        if not {(person.number, lab), (person.number, "")} & pairs and not _is_test(person)
    ]
    strangers = sorted(student for student, person in found.items() if person is None)
    said = _strangers_said(strangers, roster) + _doubles_said(known)
    return sorted([*known, *missing], key=lambda each: (each.student, each.assignment)), said


def _strangers_said(strangers: list[str], roster: Roster) -> list[str]:
    if not strangers:
        return []
    names, more = ", ".join(strangers[:10]), f" and {len(strangers) - 10} more" if len(strangers) > 10 else ""
    return [f"Not in the roster, and so not in the file for {roster.platform.title()}: {names}{more}."]


def _doubles_said(submissions: list[Submission]) -> list[str]:
    students = defaultdict(list)
    for each in submissions:
        if each.platform_id:
            students[each.platform_id, each.assignment].append(each.student)
    return [
        f"One person in the roster, {number}, handed in {lab} as {', '.join(names)}: the most points go back."
        for (number, lab), names in students.items()
        if len(names) > 1 and lab
    ]


def _with_person(submission: Submission, roster: Roster, person: Person | None) -> Submission:
    if person is None:
        # Its number may be that of another course, or of an assignment where Moodle counts anew.
        return replace(submission, platform=roster.platform, platform_id="")
    late = submission.late or person.late
    return replace(submission, late=late, platform=roster.platform, platform_id=person.number)


def _person(roster: Roster, submission: Submission) -> Person | None:
    if submission.platform == roster.platform and submission.platform_id:
        people = (person for person in roster.people if person.number == submission.platform_id)
        return next((person for person in people if _may_be(submission, person, roster)), None)
    if submission.platform:
        return None
    key = _key(submission.student)
    people = [person for person in roster.people if key in person.keys]
    return people[0] if len(people) == 1 else None


def _may_be(submission: Submission, person: Person, roster: Roster) -> bool:
    """Whether the name beside a number is that person's: a group of Moodle's has a number too, of another kind."""
    if roster.platform != "moodle" or "Full name" not in roster.header:
        return True
    name = MARK.sub("", submission.student).removesuffix(f"_{submission.platform_id}")
    full_name = person.cells[roster.header.index("Full name")]
    # By letters alone: Moodle and `file_safe` leave out or replace others, and the latter cuts what is very long.
    return name == "Participant" or _letters(full_name).startswith(_letters(name))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", _key(text))


def _is_test(person: Person) -> bool:
    return bool(TEST_STUDENTS & set(person.cells[:1]))


def _decoded(data: bytes) -> str:
    for encoding, marks in ENCODINGS:
        try:
            if data.startswith(marks):
                return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _table(text: str) -> list[list[str]]:
    """The cells, by the separator that finds most headings: a spreadsheet in Europe saves with semicolons."""
    tables = []
    for separator in ",;\t":
        try:
            tables.append(list(csv.reader(io.StringIO(text, newline=""), delimiter=separator)))
        except csv.Error:
            continue
    return max(tables, key=lambda table: max((len(line) for line in table[:5]), default=0), default=[])


def _canvas(header: list[str], lines: list[list[str]]) -> Roster:
    people, points = [], ()
    for line in _filled(lines, len(header)):
        if line[0].strip() == POINTS_POSSIBLE:
            points = tuple(line)
        elif any(line) and not all(POSTING.fullmatch(cell) for cell in line):
            people.append(_canvas_person(dict(zip(header, line, strict=True)), tuple(line)))
    return Roster("canvas", tuple(header), tuple(people), points)


def _canvas_person(fields: dict[str, str], cells: tuple[str, ...]) -> Person:
    last, _, first = fields.get("Student", "").partition(",")
    last, first = (fields.get(name, part).strip() for name, part in zip(CANVAS_NAMES, (last, first), strict=True))
    number, sortable = fields["ID"].strip(), f"{last}, {first}" if first else last
    # As Canvas writes it into the names of an export's files.
    compact = re.sub(r"\W", "", sortable.lower())
    keys = {sortable, f"{first} {last}".strip(), compact, number, *(fields.get(name, "") for name in CANVAS_KEYS)}
    return Person(number, file_safe(f"{compact}_{number}"), _keys(keys), cells)


def _moodle(header: list[str], lines: list[list[str]]) -> Roster:
    people = [
        _moodle_person(dict(zip(header, line, strict=True)), tuple(line))
        for line in _filled(lines, len(header))
        if any(line)
    ]
    return Roster("moodle", tuple(header), tuple(people))


def _moodle_person(fields: dict[str, str], cells: tuple[str, ...]) -> Person:
    identifier = fields["Identifier"].strip()
    number = re.search(r"\d*$", identifier)[0]
    # As Moodle writes it into the names of an export's folders; without names where they are hidden.
    name = fields.get("Full name", "").replace("_", " ").strip() or "Participant"
    keys = {identifier, f"{name}_{number}", *(fields.get(key, "") for key in MOODLE_KEYS)}
    return Person(
        number, file_safe(f"{name}_{number}"), _keys(keys), cells, bool(LATE.search(fields.get("Status", "")))
    )


def _filled(lines: Iterable[list[str]], width: int) -> Iterator[list[str]]:
    """Each line as long as the header: spreadsheets leave out empty cells at the end."""
    return ((line + [""] * width)[:width] for line in lines)


def _keys(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(_key(file_safe(text)) for text in texts if text.strip())


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _checked(roster: Roster, path: Path) -> Roster:
    """The roster. Raises CourseError for one without people, or in which a number is none or stands twice."""
    if not roster.people:
        raise CourseError(f"The roster should name people, but {path.name!r} has none: download it again.")
    for number, count in Counter(person.number for person in roster.people).items():
        if not number.isdecimal():
            raise CourseError(
                f"Each person in the roster should have a number, but {number!r} stands in {path.name!r}: download it "
                "again, and do not save it from a spreadsheet."
            )
        if count > 1:
            raise CourseError(f"The roster names number {number} {count} times in {path.name!r}: download it again.")
    return roster
