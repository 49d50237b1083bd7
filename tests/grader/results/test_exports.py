"""Tables that a spreadsheet reads as it should."""

import dataclasses

import pytest

from grader.results import exports, platform_files
from tests.support import class_rows
from tests.support.result_pages import table

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "  =1", "＝1")


def test_grades_hold_each_student_and_assignment_once(lab, tmp_path):
    rows = class_rows.many(lab, 40)
    again = dataclasses.replace(rows[3], seconds=7.0)
    exports.grades([*rows, again], tmp_path / "out" / "grades.csv")
    header, *lines = table(tmp_path / "out" / "grades.csv")
    assert header == list(exports.GRADES_COLUMNS)
    assert [line[0] for line in lines] == [f"s{at:04}" for at in range(40)]
    assert lines[3][8] == "7.0"
    assert sum(float(line[2]) for line in lines) == sum(row.earned for row in rows)
    assert {line[3] for line in lines} == {"6"}
    assert [line[6] for line in lines if line[6]] == ["The file is no notebook."] * 2


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_spreadsheet_runs_what_a_student_wrote(lab, tmp_path, formula):
    row = class_rows.row(lab, formula, (1, 1, 0), problem=formula, repairs=(formula,))
    exports.grades([row], tmp_path / "grades.csv")
    exports.checks([row], {lab.name: lab}, tmp_path / "checks.csv")
    platform_files.canvas([row], tmp_path / "canvas.csv")
    platform_files.moodle([row], tmp_path)
    written = [cell for path in tmp_path.glob("*.csv") for line in table(path) for cell in line]
    assert not [cell for cell in written if cell.strip().startswith(exports.FORMULA_STARTS)]
    assert any(formula.strip() in cell for cell in written)
