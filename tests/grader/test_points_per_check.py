"""An exercise with two check cells, mathematics and validation: points of each, from the release to the report."""

import csv
import re
import shutil

import pytest

from grader import assignment
from grader.class_report import report
from grader.judging.judge import Judge
from grader.records import Row
from grader.repair import rebuild
from grader.results import database, exports, feedback, gradebook, platform_files
from grader.student import release
from tests.support import example_lab, exercise_proof
from tests.support.lab_rules import exercises
from tests.support.labs import Lab
from tests.support.result_pages import assert_safe, table

pytestmark = pytest.mark.slow

PLAIN = "def mean(values: list) -> float:\n    return sum(values) / len(values)\n"
REFUSES = PLAIN.replace("    return", "    if not len(values):\n        raise ValueError\n    return")
ANSWERS = {"plain": (PLAIN, 2, 0), "whole": (REFUSES, 2, 1), "only refuses": (REFUSES.replace("sum", "max"), 0, 1)}


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    return assignment.read(example_lab.write(tmp_path_factory.mktemp("two"), example_lab.build_with_validation()))


@pytest.fixture(scope="module")
def rows(two):
    """A row for each answer, as the judge gives them."""
    with Judge(two, sandboxed=shutil.which("bwrap") is not None) as judge:
        return [_row(judge, student, source) for student, (source, _, _) in ANSWERS.items()]


def _row(judge, student, source):
    cells = exercise_proof.solved(judge.assignment) | {"mean": source}
    cell_id = next(exercise.cell_id for exercise in judge.assignment.exercises if exercise.name == "mean")
    cells[cell_id] = cells.pop("mean")
    return Row(student, judge.assignment.name, "0" * 64, judge.grade(list(cells.items())).results)


def test_the_lab_keeps_the_rules_and_each_check_has_its_points(two):
    lab = Lab(None, two.notebook)
    rules = (exercises.graded_metadata, exercises.checks_follow, exercises.solutions, exercises.visible_then_hidden)
    assert [fault for rule in rules for fault in rule(lab)] == []
    mean = next(exercise for exercise in two.exercises if exercise.name == "mean")
    assert [(check.title, check.points) for check in mean.checks] == [
        ("mean: by hand.", 2),
        ("mean: refuses what has no mean.", 1),
    ]
    assert (mean.points, two.points) == (3, 7)


def test_a_plain_right_answer_has_the_points_of_the_mathematics(rows):
    for row in rows:
        earned = {result.check: result.earned for result in row.results}
        assert (earned["mean-check"], earned["mean-validation"]) == ANSWERS[row.student][1:]
        assert (earned["fitting-check"], earned["longest-check"]) == (2, 2)
    hints = {result.check: result.hint for result in rows[0].results}
    assert hints["mean-validation"] == "An empty list: Raise a ValueError."


def test_a_lost_exercise_loses_both(two):
    notebook = example_lab.build_with_validation()
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") != "mean"]
    rebuilt = rebuild.rebuild(notebook, two)
    with Judge(two, sandboxed=shutil.which("bwrap") is not None) as judge:
        results = judge.grade(rebuilt.cells, dict(rebuilt.lost)).results
    assert [result.check for result in results if not result.earned] == ["mean-check", "mean-validation"]


def test_the_release_lists_them(two):
    said = release.how_it_is_graded(two)
    assert "| mean | mean: by hand. | 2 |\n| mean | mean: refuses what has no mean. | 1 |" in said


def test_feedback_shows_both_with_their_titles(rows, two):
    page = feedback.page(rows[0], two)
    assert_safe(page)
    text = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "2 of 3 points" in text
    assert "mean: by hand. ✓ passed 2 / 2" in text
    assert "mean: refuses what has no mean. Hint: An empty list: Raise a ValueError. ✗ not passed 0 / 1" in text


def test_tables_and_moodles_feedback_show_both(rows, two, tmp_path):
    exports.checks(rows, {two.name: two}, tmp_path / "checks.csv")
    with (tmp_path / "checks.csv").open(newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["student"] == "plain" and line["exercise"] == "mean"]
    assert [(line["check"], line["title"], line["points"], line["maximum"]) for line in lines] == [
        ("mean-check", "mean: by hand.", "2", "2"),
        ("mean-validation", "mean: refuses what has no mean.", "0", "1"),
    ]
    platform_files.moodle(rows, tmp_path)
    said = {line[0]: line[2] for line in table(tmp_path / f"moodle_{two.name}.csv")}
    assert said["plain"].startswith("6 of 7 points. mean: refuses what has no mean. (0 of 1) An empty list")


def test_the_report_shows_both(rows, two):
    page = report.page(rows, {two.name: two})
    assert_safe(page)
    text = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "mean: by hand. mean 2 67% 2" in text
    assert "mean: refuses what has no mean. mean 1 67% 2" in text


def test_the_gradebook_has_a_cell_for_each(rows, two, tmp_path):
    url = f"sqlite:///{tmp_path}/book.db"
    assert gradebook.write(rows, {two.name: two}, url) == []
    with database.opened(url) as book:
        assert {row.student: book.find_submission(two.name, row.student).score for row in rows} == {
            row.student: row.earned for row in rows
        }
        grade = book.find_grade("mean-validation", two.name, two.name, "plain")
        assert (grade.auto_score, grade.max_score) == (0, 1)
        comment = book.find_comment("mean", two.name, two.name, "plain").auto_comment
    assert comment == "mean: refuses what has no mean: An empty list: Raise a ValueError."
