"""The gradebook: nbgrader's own, the same from the same rows, one transaction each, several writers at once."""

import contextlib
import copy
import csv
import dataclasses
import functools
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest
from nbgrader import api

from grader import assignment
from grader.records import CheckResult, Submission
from grader.results import database, formgrader, gradebook
from tests.support import child_process, class_rows, example_lab, labs, nbgrader_course, postgres
from utils.errors import CourseError

WRITER = Path(class_rows.__file__)


@pytest.fixture(scope="module", autouse=True)
def alembic_once():
    """Every new book asks a child process for the version of its tables: seconds each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "get_alembic_version", functools.cache(api.get_alembic_version))
        yield


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return assignment.read(example_lab.write(tmp_path_factory.mktemp("lab")))


@pytest.fixture(scope="module")
def base():
    """The URL of a running PostgreSQL."""
    if why := postgres.missing():
        pytest.skip(why)
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The URL of a gradebook that does not exist yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/book.db"
    import psycopg

    base, name = request.getfixturevalue("base"), f"book{tmp_path.stat().st_ino}"
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return base.replace("/postgres?", f"/{name}?")


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


def test_two_processes_write_into_one_new_book(lab, url, tmp_path):
    path = tmp_path / f"{lab.name}.ipynb"
    nbformat.write(lab.notebook, path)

    def writer(prefix):
        arguments = (WRITER, url, path, prefix, "25")
        return child_process.python(*arguments, folder=tmp_path, PYTHONPATH=f"{labs.ROOT}:{WRITER.parent}")

    with ThreadPoolExecutor() as pool:
        outcomes = list(pool.map(writer, "abb"))
    assert [child_process.report(outcome) for outcome in outcomes if outcome.returncode] == []
    with database.opened(url) as book:
        assert len(book.students) == 50
        assert len(book.assignment_submissions(lab.name)) == 50


def test_cells_and_points_are_those_of_generate_assignment(lab, url, tmp_path):
    made = temporary_course(tmp_path)
    made.release()
    theirs = f"sqlite:///{made.root}/_build/gradebook.db"
    gradebook.write([class_rows.row(lab, "ann", (1, 1, 1))], {lab.name: lab}, url)
    assert cells(url) == cells(theirs)


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


def test_formgrader_opens_what_was_graded(lab, tmp_path):
    """In the folder of results, as it stands."""
    path, answer = tmp_path / "ann.ipynb", "def mean(values):\n    return 'my answer'\n"
    given = copy.deepcopy(lab.notebook)
    next(cell for cell in given.cells if cell.id == lab.exercises[1].cell_id).source = answer
    nbformat.write(given, path)
    labs_by_name = {lab.name: lab}
    formgrader.write([Submission("ann", lab.name, path, "digest")], labs_by_name, tmp_path / "autograded")
    row = class_rows.row(lab, "ann", (1, 0, 1))
    gradebook.write([row], labs_by_name, f"sqlite:///{tmp_path}/gradebook.db")
    with jupyter_server(tmp_path) as url:
        (found,) = fetched(f"{url}formgrader/api/submitted_notebooks/{lab.name}/{lab.name}")
        page = urlopen(f"{url}formgrader/submissions/{found['id']}/").read().decode()
        grades = fetched(f"{url}formgrader/api/grades?submission_id={found['id']}")
        comments = fetched(f"{url}formgrader/api/comments?submission_id={found['id']}")
    assert (found["student"], found["score"], found["max_score"]) == ("ann", 4, 6)
    assert "my answer" in page
    assert "HIDDEN" not in page
    assert {grade["name"]: grade["auto_score"] for grade in grades}["mean-check"] == 0
    assert {comment["name"]: comment["auto_comment"] for comment in comments}["mean"] == "Think again."


@contextlib.contextmanager
def jupyter_server(folder):
    """The URL of a server in that folder, on a port of its own choice."""
    environment = child_process.environment(folder, JUPYTER_RUNTIME_DIR=str(folder / "runtime"))
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", "--port=0"]
    command += ["--ServerApp.token=", "--ServerApp.password="]
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield server_url(folder / "runtime", process)
        finally:
            process.terminate()


def server_url(folder, process):
    for _ in range(600):
        for path in folder.glob("jpserver-*.json"):
            url = json.loads(path.read_text() or "{}").get("url", "")
            with contextlib.suppress(OSError):
                urlopen(f"{url}formgrader/api/assignments").read()
                return url
        assert process.poll() is None
        time.sleep(0.1)
    raise RuntimeError("Jupyter's server did not answer")


def fetched(url):
    return json.loads(urlopen(url).read())


def test_autograde_on_a_book_without_hidden_checks_gives_nothing_away(lab, tmp_path):
    made = temporary_course(tmp_path)
    solved = labs.read(tmp_path / "example" / "labs" / lab.name / f"{lab.name}.ipynb")
    gradebook.write(
        [class_rows.row(lab, "bob", (0, 0, 1))], {lab.name: lab}, f"sqlite:///{made.root}/_build/gradebook.db"
    )
    made.submit("ann", solved)
    assert {points for points, _ in made.scores()["ann"].values()} == {0}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("no url", "needs a URL"),
        ("postgresql://ann:secret@/book?host=/nowhere", "could not be opened"),
        ("sqlite:////proc/nowhere/book.db", "could not be opened"),
    ],
)
def test_a_gradebook_that_cannot_be_opened_says_so_without_the_password(lab, url, said):
    with pytest.raises(CourseError, match=said) as caught:
        gradebook.write([], {lab.name: lab}, url)
    assert "secret" not in str(caught.value)
