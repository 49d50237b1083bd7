"""Tables that Canvas, Moodle and a spreadsheet read as they should."""

import dataclasses

import pytest

from grader.results import exports
from tests.support import class_rows
from tests.support.result_pages import table

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "  =1", "＝1")


def test_grades_hold_each_student_and_assignment_once(lab, tmp_path):
    rows = class_rows.many(lab, 40)
    again = dataclasses.replace(rows[3], seconds=7.0)
    exports.grades([*rows, again], tmp_path / "out" / "grades.csv")
    header, *lines = table(tmp_path / "out" / "grades.csv")
    assert header == ["student", "assignment", "points", "maximum", "problem", "repairs", "seconds"]
    assert [line[0] for line in lines] == [f"s{at:04}" for at in range(40)]
    assert lines[3][6] == "7.0"
    assert sum(float(line[2]) for line in lines) == sum(row.earned for row in rows)
    assert {line[3] for line in lines} == {"6"}
    assert [line[4] for line in lines if line[4]] == ["The file is no notebook."] * 2


def test_canvas_reads_it_as_its_importer_does(lab, tmp_path):
    other = dataclasses.replace(class_rows.row(lab, "bob", (0, 0.5, 1)), assignment="03_other")
    rows = [class_rows.row(lab, "ann", (1, 1, 0)), class_rows.row(lab, "Points Possible", (1, 1, 1)), other]
    exports.canvas(rows, tmp_path / "canvas.csv", {"ann": "4711"})
    header, points, *students = table(tmp_path / "canvas.csv")
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "02_example", "03_other"]
    assert "Points Possible" in points[0]
    assert points[5:] == ["6", "6"]
    assert not [line for line in students if "Points Possible" in line[0]]
    assert {line[3]: (line[1], *line[5:]) for line in students} == {
        "Points Possible": ("", "6", ""),
        "ann": ("4711", "4", ""),
        "bob": ("", "", "3"),
    }
    assert {len(line) for line in students} == {7}


def test_moodle_has_one_file_for_each_assignment_without_empty_grades(lab, tmp_path):
    ann = class_rows.row(lab, "ann@example.org", (1, 0, 1))
    hinted = tuple(dataclasses.replace(result, hint="p < 1 & p > 0") for result in ann.results)
    rows = [dataclasses.replace(ann, results=hinted), dataclasses.replace(ann, student="bob", assignment="03_other")]
    paths = exports.moodle(rows, tmp_path, "Email address")
    assert [path.name for path in paths] == ["moodle_02_example.csv", "moodle_03_other.csv"]
    header, line = table(paths[0])
    assert header == ["Email address", "Assignment: 02_example (Real)", "Assignment: 02_example (Feedback)"]
    assert line[:2] == ["ann@example.org", "4"]
    assert line[2] == "4 of 6 points. mean: by hand. (0 of 2) p &lt; 1 &amp; p &gt; 0"


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_spreadsheet_runs_what_a_student_wrote(lab, tmp_path, formula):
    row = class_rows.row(lab, formula, (1, 1, 0), problem=formula, repairs=(formula,))
    exports.grades([row], tmp_path / "grades.csv")
    exports.canvas([row], tmp_path / "canvas.csv")
    exports.moodle([row], tmp_path)
    written = [cell for path in tmp_path.glob("*.csv") for line in table(path) for cell in line]
    assert not [cell for cell in written if cell.strip().startswith(exports.FORMULA_STARTS)]
    assert any(formula.strip() in cell for cell in written)
