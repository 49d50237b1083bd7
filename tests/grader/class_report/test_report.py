"""The class report: for every class, quick, and safe to open."""

import dataclasses
import time

import pytest

from grader.class_report import figures, report
from tests.support import class_rows
from tests.support.result_pages import assert_safe
from tools.site.html_page import Page


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
    assert len(figures.bins(37.5)) == figures.MAX_BARS + 1
