"""The gradebook's place: several writers at once, and one sentence where it cannot be opened."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from grader.results import database, gradebook
from tests.support import child_process, class_rows, labs
from utils.errors import CourseError

WRITER = Path(class_rows.__file__)


@pytest.mark.slow
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
