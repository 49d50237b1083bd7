"""What leaves the grader: tables, feedback, report. Right numbers, nothing secret, nothing that runs or is fetched."""

import copy
import csv
import dataclasses
import doctest
import os
import re
import time
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy import stats

from grader import assignment
from grader.class_report import figures, item_analysis, report, similarity
from grader.judging.fingerprint import fingerprint, hash_values
from grader.records import CheckResult
from grader.results import exports, feedback, gradebook, sanitize
from tests.support import class_rows, example_lab
from tools.site.html_page import Page

CANARY, SECRET = "CANARY-hidden-7261", "CANARY-environment-9153"
FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "  =1", "＝1")
HOSTILE = '<script src="https://example.org/x.js">alert(1)</script>" onload="x'


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The example lab with a canary in every hidden check."""
    notebook = copy.deepcopy(example_lab.build())
    for cell in notebook.cells:
        cell.source = cell.source.replace("### BEGIN HIDDEN TESTS\n", f"### BEGIN HIDDEN TESTS\n# {CANARY}\n")
    return assignment.read(example_lab.write(tmp_path_factory.mktemp("lab"), notebook))


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


class Cells(HTMLParser):
    """Heading cells without a scope, tables without a caption or headings, and the text."""

    def __init__(self, html):
        super().__init__()
        self.headings, self.tables, self.text = [], 0, ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tables += tag == "table"
        if tag == "th":
            self.headings.append(dict(attrs).get("scope"))

    def handle_data(self, data):
        self.text += data


def assert_safe(html):
    """Nothing is fetched or run, every picture has alt text, every table has headings with a scope."""
    page, cells = Page.read(html), Cells(html)
    assert [address for address in page.fetched if not address.startswith("data:image/svg+xml;base64,")] == []
    assert page.without_alt == []
    assert not re.search(r"<script|<link|<iframe|<object|\son\w+\s*=\s*\"|@import|url\(", html)
    assert set(cells.headings) <= {"col", "row"}
    assert html.count("<thead>") == cells.tables
    assert '<html lang="en">' in html
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html


@pytest.mark.parametrize("module", [exports, feedback, figures, sanitize], ids=lambda module: module.__name__)
def test_examples_in_docstrings(module):
    outcome = doctest.testmod(module)
    assert outcome.attempted
    assert not outcome.failed


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
    assert not [cell for cell in written if cell.strip().startswith(exports.FORMULA)]
    assert any(formula.strip() in cell for cell in written)


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


def test_feedback_says_what_was_earned_and_why_not(lab):
    row = class_rows.row(lab, "ann", (1, 0.5, 0), repairs=("Two cells were doubled.",), seconds=75.2)
    html = feedback.page(row, lab)
    text = " ".join(Cells(html).text.split())
    assert_safe(html)
    assert "3 of 6 points" in text
    assert re.search(r"✓ passed 2 / 2 .*◐ in part 1 / 2 .*✗ not passed 0 / 2", text)
    assert text.count("Hint: Think again.") == 2
    assert "Two cells were doubled." in text
    assert "1 min 15 s" in text
    assert "64.0 MiB" in text


def test_feedback_of_a_submission_that_gave_nothing_lists_every_check(lab):
    row = class_rows.row(lab, "ann", (1, 1, 1), results=(), problem="The file is no notebook.", digest="")
    text = " ".join(Cells(feedback.page(row, lab)).text.split())
    assert "0 of 6 points" in text
    assert text.count("✗ not passed") == 3
    assert "The file is no notebook." in text


def test_feedback_shows_private_checks_by_title_alone(lab):
    row = class_rows.row(lab, "ann", (1, 1, 1))
    row = dataclasses.replace(row, results=(*row.results, CheckResult("private-1", "large inputs", 1.0, 4.0)))
    text = " ".join(Cells(feedback.page(row, lab)).text.split())
    assert "7 of 10 points" in text
    assert "large inputs" in text
    assert "private-1" not in text


@pytest.mark.parametrize(
    "student", ["../../etc/ann", "..", ".", "a/b", "a\\b", "", "x" * 400, "\ud800", "~ann", HOSTILE]
)
def test_feedback_stays_in_its_folder_whatever_a_student_is_called(lab, tmp_path, student):
    paths = feedback.write([class_rows.row(lab, student, (1, 1, 0))], {lab.name: lab}, tmp_path / "feedback")
    assert [path.resolve() for path in paths] == [path for path in tmp_path.rglob("*") if path.is_file()]
    assert paths[0].parent.parent.parent == tmp_path / "feedback"
    assert_safe(paths[0].read_text(encoding="utf-8"))


def test_everything_a_student_may_write_is_escaped(lab):
    row = class_rows.row(lab, HOSTILE, (1, 1, 0), problem=HOSTILE, repairs=(HOSTILE,), digest=HOSTILE)
    results = tuple(dataclasses.replace(result, hint=HOSTILE, title=HOSTILE) for result in row.results)
    row = dataclasses.replace(row, results=results, seconds=100.0)
    others = [class_rows.row(lab, str(at), (1, 0, 0)) for at in range(5)]
    assert_safe(feedback.page(row, lab))
    assert_safe(report.page([row, *others], {lab.name: lab}))


@pytest.mark.parametrize("shares", [None, (0, 0, 0), (1, 1, 1), (0.5, 0.5, 0.5)])
@pytest.mark.parametrize("count", [1, 2, 25])
def test_report_works_for_every_class(lab, count, shares):
    rows = class_rows.many(lab, count)
    if shares:
        rows = [class_rows.row(lab, row.student, shares, fingerprints=row.fingerprints) for row in rows]
    html = report.page(rows, {lab.name: lab})
    assert_safe(html)
    assert "nan" not in html.lower().replace("navigation", "").split("base64")[0]
    assert f"<dd>{count}</dd>" in html
    assert html.count("<img") == 2
    assert ("fewer than 20 students" in html) == (count < 20)
    assert ("all have the same points here" in html) == (count >= 20 and shares is not None)


def test_report_of_nobody():
    assert "There are no submissions." in report.page([], {})


def test_report_of_a_thousand_is_quick_and_short(lab):
    rows = class_rows.many(lab, 1000)
    start = time.process_time()
    html = report.page(rows, {lab.name: lab})
    assert time.process_time() - start < 30
    assert len(html) < 400_000
    assert "<dd>1,000</dd>" in html
    assert_safe(html)


def test_report_has_a_part_for_each_assignment(lab):
    rows = class_rows.many(lab, 3)
    other = [dataclasses.replace(row, assignment="03_other") for row in rows]
    html = report.page([*rows, *other], {lab.name: lab, "03_other": dataclasses.replace(lab, name="03_other")})
    assert {"part-1", "part-2"} <= Page.read(html).ids
    assert {"#part-1", "#part-2"} <= set(Page.read(html).links)


def test_difficulty_and_discrimination_are_those_of_the_textbook(lab):
    rows = [row for row in class_rows.many(lab, 300) if not row.problem]
    found = item_analysis.items(rows, lab)
    earned = np.array([[result.earned for result in row.results] for row in rows])
    for at, item in enumerate(found):
        rest = np.delete(earned, at, axis=1).sum(axis=1)
        assert item.share == pytest.approx(earned[:, at].mean() / 2)
        assert item.discrimination == pytest.approx(stats.pointbiserialr(earned[:, at] > 0, rest).statistic)
        wilson = stats.binomtest(item.full, len(rows)).proportion_ci(method="wilson")
        assert (item.low, item.high) == pytest.approx(tuple(wilson), abs=1e-4)
    assert found[0].share > found[1].share > found[2].share


@pytest.mark.parametrize(
    ("item", "rest", "why"),
    [
        ([0, 1], [1, 0], "fewer than 20 students"),
        ([1] * 20, list(range(20)), "all have the same points here"),
        (list(range(20)), [3] * 20, "all have the same points elsewhere"),
    ],
)
def test_discrimination_is_left_out_with_a_reason(item, rest, why):
    assert item_analysis.discrimination(np.array(item), np.array(rest)) == (None, why)


def test_common_failures_count_submissions_that_ran(lab):
    rows = [class_rows.row(lab, "a", (0, 1, 1)), class_rows.row(lab, "b", (0, 0.5, 1))]
    rows.append(class_rows.row(lab, "c", (0, 0, 0), problem="The file is no notebook."))
    counts = [(failure.check, failure.count, failure.hint) for failure in item_analysis.failures(rows)]
    assert counts == [("fitting-check", 2, "Think again."), ("mean-check", 1, "Think again.")]


def test_slow_ones_are_slow_beside_the_others(lab):
    rows = [class_rows.row(lab, str(at), (1, 1, 1), seconds=2.0 + (at == 3) * 6 + (at == 4) * 3) for at in range(9)]
    assert [row.student for row in report.slow(rows)] == ["3"]
    assert report.slow([dataclasses.replace(row, seconds=0.01 * at) for at, row in enumerate(rows)]) == []


def test_alt_texts_give_the_numbers(lab):
    rows = class_rows.many(lab, 30)
    one, two = report.summary(rows, lab).pictures
    assert one.alt.startswith("Points of 30 submissions: median ")
    assert "fitting " in two.alt
    assert figures.distribution([0.0], 0.0).alt.endswith("1 with all points, 1 with none.")
    assert len(figures.bins(37.5)) == figures.MOST_BARS + 1


RENAMED = """
def average(given):
    '''Mine.'''
    s, n = 0.0, 0   # sum and number

    for one in given:
        if (one is None or one != one): continue
        s = s + one
        n += 1
    return (s / n if n
            else float(len(given)))
"""


def test_names_comments_docstrings_and_layout_do_not_change_a_fingerprint():
    loop = fingerprint(class_rows.LOOP.format(0))
    assert loop
    assert fingerprint(RENAMED) == loop
    changed = common_share(loop, fingerprint(class_rows.LOOP.format(1)))
    others = [common_share(loop, fingerprint(text.format(0))) for text in class_rows.SOLUTIONS[1:]]
    assert similarity.MIN_SIMILARITY <= changed < 1
    assert max(others) < 0.4


def common_share(one, other):
    return (hash_values(one) == hash_values(other)).mean()


@pytest.mark.parametrize(
    "source",
    [
        "",
        "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
        "def f(:",
        "x = '\x00'",
        "(" * 10_000,
        "-" * 40_000 + "1",
        "x = 1\n" * 100_000,
        "\ud800",
        "a" + ".b" * 20_000,
    ],
    ids=range(9),
)
def test_what_says_nothing_has_no_fingerprint(source):
    assert fingerprint(source) == ""


def fingerprints(*texts):
    return {f"s{at:02}": {"mean": fingerprint(text)} for at, text in enumerate(texts)}


def test_a_copied_solution_is_found_and_the_common_one_is_not():
    common = [class_rows.BUILT_IN.format(0)] * 8
    found = similarity.groups(fingerprints(*common, class_rows.LOOP.format(0), RENAMED, class_rows.WHILE.format(0)))
    assert found == [similarity.Group(("mean",), ("s08", "s09"), 1.0)]


def test_copies_in_several_exercises_come_first_and_as_one():
    loop, other, third = (fingerprint(text.format(0)) for text in class_rows.SOLUTIONS)
    forms = {"a": {"x": loop, "y": other}, "b": {"x": loop, "y": other}, "c": {"y": third}, "d": {"y": third}}
    found = [(group.exercises, group.students) for group in similarity.groups(forms)]
    assert found == [(("x", "y"), ("a", "b")), (("y",), ("c", "d"))]


def test_variants_of_the_common_way_are_common_too():
    variants = [class_rows.LOOP.format(at) for at in range(8)]
    assert similarity.groups(fingerprints(*variants)) == []


def test_a_few_students_are_no_common_form():
    assert [len(similarity.groups(fingerprints(*[RENAMED] * count))) for count in (1, 2, 3)] == [0, 1, 1]
    assert similarity.groups(fingerprints(*[RENAMED] * 4)) == []
    assert similarity.groups(fingerprints(RENAMED, "")) == []
    assert similarity.groups({}) == []


def test_no_output_holds_a_hidden_check_or_the_environment(lab, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_TOKEN", SECRET)
    rows, labs = class_rows.many(lab, 30), {lab.name: lab}
    assert all(CANARY in check.source for exercise in lab.exercises for check in exercise.checks)
    gradebook.write(rows, labs, f"sqlite:///{tmp_path}/book.db")
    exports.grades(rows, tmp_path / "grades.csv")
    exports.canvas(rows, tmp_path / "canvas.csv")
    exports.moodle(rows, tmp_path)
    feedback.write(rows, labs, tmp_path / "feedback")
    report.write(rows, labs, tmp_path / "report.html")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 4 + 30 + 1
    sought = [text.encode() for text in (CANARY, SECRET, "HIDDEN", str(tmp_path), os.getcwd())]
    assert [(path.name, text) for path in files for text in sought if text in path.read_bytes()] == []
