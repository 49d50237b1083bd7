"""Who is in the course: both platforms' files, as a spreadsheet may have saved them, matched with what came."""

from pathlib import Path

import pytest

from grader.intake import roster
from grader.intake.platforms import file_safe
from grader.records import NOTHING_HANDED_IN, Submission
from utils.errors import CourseError

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Notes,Lab 02: Prompting (77),Final Score
,,,,,,Manual Posting,
    Points Possible,,,,,,10.00,(read only)
"Doe, Jane",101,S1,jdoe,A,,8,90
"Núñez, José",102,S2,jnunez,A and B,,,
"Doe, Jane",103,S3,jdoe2,B,,,
"Student, Test",999,,,A,,,
"""
MOODLE = """Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Last modified (grade)",Feedback
"Participant 4711","José Núñez",jose@example.org,"Submitted for grading - 2 days 3 hours late",,100.00,-,
"Participant 4712","Jane Doe",jane@example.org,"No submission",,100.00,"Monday, 2 March 2026, 10:00 AM",hi
"""


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "roster.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_both_platforms_files_are_read_however_they_were_saved(tmp_path, encoding, separator):
    canvas = (
        CANVAS.replace('"Doe, Jane"', "Doe")
        .replace('"Núñez, José"', "Núñez")
        .replace('"Student, Test"', "Test Student")
    )
    found = roster.read(written(tmp_path, canvas.replace(",", separator).replace("\n", "\r\n"), encoding))
    assert found.platform == "canvas"
    assert [person.number for person in found.people] == ["101", "102", "103", "999"]
    assert found.people[1].student == "núñez_102"
    moodle = MOODLE.replace("Monday, 2 March 2026, ", "2 March 2026 ").replace(",", separator)
    found = roster.read(written(tmp_path, f"\n{moodle}", encoding))
    assert found.platform == "moodle"
    assert [(person.number, person.student, person.late) for person in found.people] == [
        ("4711", "José Núñez_4711", True),
        ("4712", "Jane Doe_4712", False),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,points\nann,3\n", "other headings"),
        ("", "other headings"),
        (b"\x00\xff" * 40, "other headings"),
        ("Student,ID,Section\n", "should name people"),
        ("Student,ID,Section\nann,1.23E+16,A\n", "'1.23E\\+16'"),
        ("Student,ID,Section\nann,7,A\nben,7,B\n", "2 times"),
        ("Identifier,Grade\nsomebody,\n", "should have a number"),
    ],
)
def test_a_file_that_is_none_says_so(tmp_path, text, words):
    with pytest.raises(CourseError, match=words) as error:
        roster.read(written(tmp_path, text))
    assert str(error.value).count(". ") == 0
    with pytest.raises(CourseError, match="gives: No such file"):
        roster.read(tmp_path / "nothing.csv")


def submission(student, lab="02_prompting", **others):
    return Submission(student, lab, Path("x"), "digest", **others)


def test_people_are_found_by_number_login_address_or_a_name_of_their_own(tmp_path):
    canvas = roster.read(written(tmp_path, CANVAS))
    given = {
        "doejane_101": submission("doejane_101", platform="canvas", platform_id="101", late=True),
        "jnunez": submission("jnunez"),
    }
    found, said = roster.applied(canvas, list(given.values()))
    assert {each.student: (each.platform_id, each.unreadable) for each in found} == {
        "doejane_101": ("101", ""),
        "jnunez": ("102", ""),
        "doejane_103": ("103", NOTHING_HANDED_IN),
    }
    assert said == []
    for name in ("José Núñez", "Núñez, José", "Jose\u0301 Nu\u0301n\u0303ez", "núñezjosé", "S2", "102"):
        found, said = roster.applied(canvas, [submission(name)])
        assert {each.platform_id for each in found if each.student == name} == {"102"}
        assert said == []
    moodle = roster.read(written(tmp_path, MOODLE))
    for name in ("Participant 4711", "jose@example.org", "José Núñez"):
        found, said = roster.applied(moodle, [submission(name)])
        assert {each.student: each.platform_id for each in found} == {name: "4711", "Jane Doe_4712": "4712"}
        assert [each.late for each in found if each.student == name] == [True]


def test_strangers_and_names_that_two_people_have_are_said(tmp_path):
    canvas = roster.read(written(tmp_path, CANVAS))
    given = [submission("Jane Doe"), submission("x_7", platform="canvas", platform_id="7"), submission("jdoe")]
    found, (said,) = roster.applied(canvas, given)
    assert said == "Not in the roster, and so not in the file for Canvas: Jane Doe, x_7."
    assert {each.student: each.platform_id for each in found if not each.unreadable} == {
        "Jane Doe": "",
        "x_7": "",
        "jdoe": "101",
    }


def test_nothing_handed_in_is_said_for_each_lab(tmp_path):
    canvas = roster.read(written(tmp_path, CANVAS))
    given = [submission("jdoe"), submission("jnunez", "03_decoding"), submission("jdoe2", "")]
    found, _ = roster.applied(canvas, given)
    missing = {(each.student, each.assignment) for each in found if each.unreadable}
    assert missing == {("jdoe", "03_decoding"), ("jnunez", "02_prompting")}


def test_a_groups_number_is_no_participants(tmp_path):
    moodle = roster.read(written(tmp_path, MOODLE))
    numbers = {"platform": "moodle", "platform_id": "4712"}
    own = ("Jane Doe_4712", "Participant_4712", file_safe("Jane (Doe)_4712"))
    for student, found in {"Group A_4712": "", **dict.fromkeys(own, "4712")}.items():
        applied, said = roster.applied(moodle, [submission(student, **numbers)])
        assert [each.platform_id for each in applied if each.student == student] == [found]
        assert bool(said) == (not found)


def test_one_person_under_two_names_is_said_and_misses_nothing(tmp_path):
    canvas = roster.read(written(tmp_path, CANVAS))
    given = [submission("jdoe"), submission("S1", "03_decoding"), submission("jnunez"), submission("Núñez, José")]
    found, (said,) = roster.applied(canvas, given)
    assert (
        said == "One person in the roster, 102, handed in 02_prompting as jnunez, Núñez, José: the most points go back."
    )
    missing = {(each.platform_id, each.assignment) for each in found if each.unreadable}
    assert missing == {("102", "03_decoding"), ("103", "02_prompting"), ("103", "03_decoding")}
