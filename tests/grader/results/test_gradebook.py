"""The gradebook: nbgrader's own, the same from the same rows, one transaction each."""

import csv
import dataclasses

import pytest
from nbgrader import api

from grader.records import CheckResult
from grader.results import database, gradebook
from tests.support import class_rows, example_lab, labs, nbgrader_course


def temporary_course(folder):
    (folder / "course").mkdir()
    return nbgrader_course.create(folder / "course", labs.read(example_lab.write(folder / "example")))


def kept(url):
    """Everything the gradebook says about submissions, with the ids it gave."""
    with database.opened(url) as book:
        grades = book.db.query(api.Grade).all()
        comments = book.db.query(api.Comment).all()
        return (
            sorted((g.id, g.student.id, g.name, g.auto_score, g.max_score, g.needs_manual_grade) for g in grades),
            sorted((c.id, c.student.id, c.name, c.auto_comment or "") for c in comments),
        )


def cells(url):
    with database.opened(url) as book:
        notebook = book.find_notebook(example_lab.NAME, example_lab.NAME)
        return {
            "grade": {(c.name, c.max_score, c.cell_type) for c in notebook.grade_cells},
            "solution": {c.name for c in notebook.solution_cells},
            "source": {(c.name, c.locked, c.cell_type) for c in notebook.source_cells},
        }


def total(url, student):
    with database.opened(url) as book:
        return book.find_submission(example_lab.NAME, student).score


@pytest.mark.slow
def test_same_rows_twice_give_the_same_book(lab, url):
    rows = class_rows.many(lab, 12)
    assert gradebook.write(rows, {lab.name: lab}, url) == []
    first = kept(url)
    assert gradebook.write(reversed(rows), {lab.name: lab}, url) == []
    assert kept(url) == first
    assert len(first[0]) == 12 * 3
    assert {row.student: row.earned for row in rows} == {row.student: total(url, row.student) for row in rows}


def test_regrade_replaces_scores_and_keeps_what_a_person_gave(lab, url):
    gradebook.write([class_rows.row(lab, "ann", (0, 0.5, 1))], {lab.name: lab}, url)
    assert total(url, "ann") == 3
    with database.opened(url) as book, database.transaction(book):
        book.find_grade("fitting-check", lab.name, lab.name, "ann").manual_score = 1.5
        book.db.commit()
    gradebook.write([class_rows.row(lab, "ann", (1, 1, 0))], {lab.name: lab}, url)
    assert total(url, "ann") == 1.5 + 2
    with database.opened(url) as book:
        assert book.find_submission(lab.name, "ann").needs_manual_grade


def test_a_submission_without_results_has_no_points(lab, url):
    row = class_rows.row(lab, "ann", (1, 1, 1), results=(), problem="The file is no notebook.")
    gradebook.write([row], {lab.name: lab}, url)
    assert total(url, "ann") == 0
    assert {said for *_, said in kept(url)[1]} == {"The file is no notebook."}


def test_a_private_check_gets_a_cell_of_its_own(lab, url):
    gradebook.write([class_rows.row(lab, "ann", (1, 1, 1))], {lab.name: lab}, url)
    bob = class_rows.row(lab, "bob", (1, 1, 1))
    private = CheckResult("private-1", "large inputs", 2.0, 4.0)
    gradebook.write([dataclasses.replace(bob, results=(*bob.results, private))], {lab.name: lab}, url)
    gradebook.write([class_rows.row(lab, "ann", (1, 1, 1))], {lab.name: lab}, url)
    assert (total(url, "ann"), total(url, "bob")) == (6, 8)
    with database.opened(url) as book:
        assert book.find_assignment(lab.name).max_score == 10


def test_one_transaction_for_each_submission(lab, url, monkeypatch):
    def failing(row, lab):
        if row.student == "bob":
            raise ValueError("in the middle")
        return {}

    monkeypatch.setattr(gradebook, "_comments", failing)
    rows = [class_rows.row(lab, name, (1, 1, 1)) for name in ("bob", "ann", "cem")]
    assert gradebook.write(rows, {lab.name: lab}, url) == ["bob, 02_example: the gradebook refused it, in the middle."]
    with database.opened(url) as book:
        assert {student.id for student in book.students} == {"ann", "cem"}


def test_a_name_the_database_cannot_hold_costs_only_its_row(lab, url):
    rows = [class_rows.row(lab, name, (1, 1, 1)) for name in ("\ud800", "ann\x00", "x" * 200, "ann")]
    refused = gradebook.write(rows, {lab.name: lab}, url)
    assert len(refused) == (3 if "postgres" in url else 1)
    assert total(url, "ann") == 6


@pytest.mark.slow
def test_cells_and_points_are_those_of_generate_assignment(lab, url, tmp_path):
    made = temporary_course(tmp_path)
    made.release()
    theirs = f"sqlite:///{made.root}/_build/gradebook.db"
    gradebook.write([class_rows.row(lab, "ann", (1, 1, 1))], {lab.name: lab}, url)
    assert cells(url) == cells(theirs)


@pytest.mark.slow
def test_nbgrader_works_on_our_book_and_we_on_its(lab, tmp_path):
    made = temporary_course(tmp_path)
    url = f"sqlite:///{made.root}/_build/gradebook.db"
    gradebook.write([class_rows.row(lab, "ann", (1, 0, 1))], {lab.name: lab}, url)
    made.release()
    with database.opened(url) as book:
        source = book.find_source_cell("mean-check", lab.name, lab.name).source
    assert "HIDDEN" in source
    assert gradebook.GUARD not in source
    gradebook.write([class_rows.row(lab, "bob", (0, 0, 1))], {lab.name: lab}, url)
    with database.opened(url) as book:
        assert book.find_source_cell("mean-check", lab.name, lab.name).source == source
        assert {found["student"]: found["score"] for found in book.submission_dicts(lab.name)} == {"ann": 4, "bob": 2}
        assert len(book.notebook_submission_dicts(lab.name, lab.name)) == 2
    made.nbgrader("export", "--to", tmp_path / "export.csv")
    with (tmp_path / "export.csv").open() as file:
        exported = {line["student_id"]: (line["score"], line["max_score"]) for line in csv.DictReader(file)}
    assert exported == {"ann": ("4.0", "6.0"), "bob": ("2.0", "6.0")}


@pytest.mark.slow
def test_autograde_on_a_book_without_hidden_checks_gives_nothing_away(lab, tmp_path):
    made = temporary_course(tmp_path)
    solved = labs.read(tmp_path / "example" / "labs" / lab.name / f"{lab.name}.ipynb")
    gradebook.write(
        [class_rows.row(lab, "bob", (0, 0, 1))], {lab.name: lab}, f"sqlite:///{made.root}/_build/gradebook.db"
    )
    made.submit("ann", solved)
    assert {points for points, _ in made.scores()["ann"].values()} == {0}
