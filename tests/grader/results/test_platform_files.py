"""Grades go back into the platform that they came from: the columns and numbers that its importer looks up."""

import dataclasses
from pathlib import Path

import pytest

from grader.intake import roster
from grader.records import NOTHING_HANDED_IN, Submission
from grader.results import platform_files
from tests.support import class_rows
from tests.support.result_pages import table

CANVAS = """Student;ID;SIS User ID;SIS Login ID;Integration ID;Section;Notes;Week 2, 02 example (77);02_examples
    Points Possible;;;;;;;6.00;4
Doe, Jane;101;S1;jdoe;;A;;8;
=cmd|' /C calc'!A0;102;;;;B;;;
Points Possible, Ann;103;;-;;B;;7.5;
"""
MOODLE = """Identifier,Full name,Email address,Status,Grade,Maximum Grade,Submitted,Online text,Feedback comments
Participant 4711,José Núñez,jose@example.org,Submitted for grading,,100.00,-,=1+1,
Participant 4712,Jane Doe,jane@example.org,No submission,7.00,100.00,-,,as before
"""


def missing(lab, student):
    return class_rows.row(lab, student, (0, 0, 0), problem=NOTHING_HANDED_IN, digest="")


def submissions(platform, **numbers):
    return [
        Submission(student, "02_example", Path("x"), "digest", platform=platform, platform_id=number)
        for student, number in numbers.items()
    ]


def read(tmp_path, text):
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
    return roster.read(tmp_path / "roster.csv")


def test_canvas_gets_the_numbers_of_its_export_and_no_invented_login(lab, tmp_path):
    rows = [class_rows.row(lab, "doejane_101", (1, 1, 0)), class_rows.row(lab, "Points Possible_102", (1, 1, 1))]
    numbers = {"doejane_101": "101", "Points Possible_102": "102"}
    assert platform_files.write(rows, submissions("canvas", **numbers), None, tmp_path) == []
    header, points, *students = table(tmp_path / "canvas.csv")
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "02_example"]
    assert "Points Possible" in points[0]
    assert points[5:] == ["6"]
    assert [line[1:] for line in students] == [["102", "", "", "", "6"], ["101", "", "", "", "4"]]
    assert not [line for line in students if "Points Possible" in line[0]]
    assert not (tmp_path / "moodle").exists()


def test_canvas_gets_its_own_lines_and_column_back(lab, tmp_path):
    canvas = read(tmp_path, CANVAS)
    rows = [
        class_rows.row(lab, "doejane_101", (1, 1, 0)),
        missing(lab, "x_103"),
        class_rows.row(lab, "stranger", (1, 1, 1)),
    ]
    given = submissions("canvas", doejane_101="101", x_103="103", stranger="")
    assert platform_files.write(rows, given, canvas, tmp_path) == []
    header, points, *students = table(tmp_path / "canvas.csv")
    assert header == [*canvas.header[:6], "Week 2, 02 example (77)"]
    assert points == ["    Points Possible", "", "", "", "", "", "6"]
    assert students == [
        ["Doe, Jane", "101", "S1", "jdoe", "", "A", "4"],
        ["'=cmd|' /C calc'!A0", "102", "", "", "", "B", ""],
        ["points possible, Ann", "103", "", "-", "", "B", "7.5"],
    ]


def test_moodle_gets_the_worksheet_of_its_participants(lab, tmp_path):
    rows = [class_rows.row(lab, "José Núñez_4711", (1, 0, 1))]
    platform_files.write(rows, submissions("moodle", **{"José Núñez_4711": "4711"}), None, tmp_path)
    header, line = table(tmp_path / "moodle" / "moodle_02_example.csv")
    assert header == ["Identifier", "Full name", "Grade", "Last modified (grade)", "Feedback comments"]
    assert line[:4] == ["Participant 4711", "José Núñez_4711", "4", ""]
    assert line[4].startswith("4 of 6 points. mean: by hand. (0 of 2)")
    assert not (tmp_path / "canvas.csv").exists()


def test_moodle_gets_its_own_worksheet_back(lab, tmp_path):
    moodle = read(tmp_path, MOODLE)
    rows = [class_rows.row(lab, "jose", (1, 0, 1)), missing(lab, "Jane Doe_4712")]
    given = submissions("moodle", **{"jose": "4711", "Jane Doe_4712": "4712"})
    (said,) = platform_files.write(rows, given, moodle, tmp_path)
    assert said.startswith("Moodle gives 100 points for 02_example, and the lab 6")
    header, jose, jane = table(tmp_path / "moodle" / "moodle_02_example.csv")
    assert header == [*moodle.header, "Last modified (grade)"]
    assert jose[:6] == ["Participant 4711", "José Núñez", "jose@example.org", "Submitted for grading", "4", "100.00"]
    assert jose[7] == "'=1+1"
    assert jose[8].startswith("4 of 6 points.")
    assert jane == [*moodle.people[1].cells, ""]


@pytest.mark.parametrize(("platform", "words"), [("", "--roster"), ("canvas", "hidden the students' names")])
def test_where_no_number_is_known_it_is_said(lab, tmp_path, platform, words):
    ann = class_rows.row(lab, "ann@example.org", (1, 0, 1))
    hinted = tuple(dataclasses.replace(result, hint="p < 1 & p > 0") for result in ann.results)
    rows = [dataclasses.replace(ann, results=hinted), dataclasses.replace(ann, student="bob", assignment="03_other")]
    (said,) = platform_files.write(rows, submissions(platform, **{"ann@example.org": "", "bob": ""}), None, tmp_path)
    assert words in said
    header, _, *students = table(tmp_path / "canvas.csv")
    assert header[5:] == ["02_example", "03_other"]
    assert students == [["ann@example.org", "", "", "", "", "4", ""], ["bob", "", "", "", "", "", "4"]]
    header, line = table(tmp_path / "moodle" / "moodle_02_example.csv")
    assert header == ["Student", "Assignment: 02_example (Real)", "Assignment: 02_example (Feedback)"]
    assert line == ["ann@example.org", "4", "4 of 6 points. mean: by hand. (0 of 2) p &lt; 1 &amp; p &gt; 0"]


def test_who_has_no_number_among_others_is_said(lab, tmp_path):
    rows = [class_rows.row(lab, "doejane_101", (1, 1, 0)), class_rows.row(lab, "anon_x", (1, 1, 1))]
    (said,) = platform_files.write(rows, submissions("canvas", doejane_101="101", anon_x=""), None, tmp_path)
    assert "anon_x" in said
    assert [line[1] for line in table(tmp_path / "canvas.csv")] == ["ID", "", "101"]


def test_the_most_points_of_one_person_go_back_and_no_quiz_is_overwritten(lab, tmp_path):
    rows = [class_rows.row(lab, student, shares) for student, shares in (("a", (1, 1, 1)), ("b", (1, 0, 0)))]
    canvas = read(tmp_path, CANVAS.replace("02_examples", "Quiz on 02 example (78)"))
    platform_files.write(rows, submissions("canvas", a="101", b="101"), canvas, tmp_path)
    header, _, doe, *_ = table(tmp_path / "canvas.csv")
    assert (header[-1], doe[-1]) == ("02_example", "6")
    platform_files.write(rows, submissions("moodle", a="4711", b="4711"), read(tmp_path, MOODLE), tmp_path)
    _, jose, _ = table(tmp_path / "moodle" / "moodle_02_example.csv")
    assert jose[4] == "6"
