"""What leaves the grader holds nothing secret and nothing that runs."""

import dataclasses
import doctest
import os

import pytest

from grader.class_report import figures, report
from grader.results import exports, feedback, gradebook, platform_files, sanitize
from tests.support import class_rows
from tests.support.result_pages import CANARY, HOSTILE, SECRET, assert_safe


@pytest.mark.parametrize("module", [exports, feedback, figures, sanitize], ids=lambda module: module.__name__)
def test_examples_in_docstrings(module):
    outcome = doctest.testmod(module)
    assert outcome.attempted
    assert not outcome.failed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("'/srv/x/secret/book.db' is missing", "'…/book.db' is missing"),
        (r"C:\Users\ann\lab.ipynb", "…/lab.ipynb"),
        ("/data/x.py:3", "…/x.py:3"),
        ("12 GB/s/GPU, 1/2, and/or", "12 GB/s/GPU, 1/2, and/or"),
        ("a\x00b\u202ec", "a b c"),
    ],
)
def test_texts_lose_paths_and_what_cannot_be_seen(text, shown):
    assert sanitize.plain(text) == shown


def test_everything_a_student_may_write_is_escaped(lab):
    row = class_rows.row(lab, HOSTILE, (1, 1, 0), problem=HOSTILE, repairs=(HOSTILE,), digest=HOSTILE)
    results = tuple(dataclasses.replace(result, hint=HOSTILE, title=HOSTILE) for result in row.results)
    row = dataclasses.replace(row, results=results, seconds=100.0)
    others = [class_rows.row(lab, str(at), (1, 0, 0)) for at in range(5)]
    assert_safe(feedback.page(row, lab))
    assert_safe(report.page([row, *others], {lab.name: lab}))


def test_no_output_holds_a_hidden_check_or_the_environment(lab, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_TOKEN", SECRET)
    rows, labs = class_rows.many(lab, 30), {lab.name: lab}
    assert all(CANARY in check.source for exercise in lab.exercises for check in exercise.checks)
    gradebook.write(rows, labs, f"sqlite:///{tmp_path}/book.db")
    exports.grades(rows, tmp_path / "grades.csv")
    exports.checks(rows, labs, tmp_path / "checks.csv")
    platform_files.canvas(rows, tmp_path / "canvas.csv")
    platform_files.moodle(rows, tmp_path)
    feedback.write(rows, labs, tmp_path / "feedback")
    report.write(rows, labs, tmp_path / "report.html")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 5 + 30 + 1
    sought = [text.encode() for text in (CANARY, SECRET, "HIDDEN", str(tmp_path), os.getcwd())]
    assert [(path.name, text) for path in files for text in sought if text in path.read_bytes()] == []
