"""The folder of results may have any name, and never lies where it would be graded."""

import os
from pathlib import Path

import pytest

from grader.results import folder, gradebook
from tests.support import class_rows
from utils.errors import CourseError

NAMES = ("a b", 'it\'s "so"', "two\nlines", "Übung 课程", "-out", "100%25", "a#b", "a?b=c&d", "a:b@c", "..x", "x" * 200)


@pytest.mark.parametrize("name", NAMES)
def test_any_legal_name_will_do(lab, tmp_path, name):
    out = tmp_path / "inside" / name
    folder.prepare(out, tmp_path / "submitted")
    assert gradebook.write([class_rows.row(lab, "ann", (1, 1, 0))], {lab.name: lab}, folder.gradebook_url(out)) == []
    assert os.listdir(tmp_path / "inside") == [name]
    assert os.listdir(out) == ["gradebook.db"]


def test_a_name_that_is_no_utf8_will_do_and_can_be_printed(lab, tmp_path):
    out = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe"))
    folder.prepare(out, tmp_path / "submitted")
    gradebook.write([class_rows.row(lab, "ann", (1, 1, 0))], {lab.name: lab}, folder.gradebook_url(out))
    assert os.listdir(out) == ["gradebook.db"]
    assert folder.name(out).encode("utf-8").endswith("\ufffd\ufffd".encode())


def test_results_inside_submissions_are_refused(tmp_path):
    submitted = tmp_path / "submitted"
    (submitted / "ann").mkdir(parents=True)
    (tmp_path / "link").symlink_to(submitted)
    (tmp_path / "into").symlink_to(submitted / "ann")
    inside = [
        submitted,
        submitted / "out",
        tmp_path / "link" / "out",
        tmp_path / "into" / "out",
        submitted / "ann" / ".." / "o",
    ]
    for out in inside:
        for source in (submitted, tmp_path / "link"):
            with pytest.raises(CourseError, match="outside the submissions"):
                folder.prepare(out, source)
    assert os.listdir(submitted) == ["ann"]
    folder.prepare(tmp_path / "submitted out", submitted)
    folder.prepare(tmp_path, submitted)


def test_what_the_grader_wrote_is_no_submission(tmp_path):
    (tmp_path / "out" / "autograded" / "ann").mkdir(parents=True)
    for source in ("autograded", "autograded/ann"):
        with pytest.raises(CourseError, match="what the grader wrote"):
            folder.prepare(tmp_path / "out", tmp_path / "out" / source)


def test_what_can_be_no_folder_says_so(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("file", "file/below", "loop/x", "x" * 300, "a\0b"):
        with pytest.raises(CourseError, match="--out should name a folder") as error:
            folder.prepare(tmp_path / name, tmp_path / "submitted")
        assert len(str(error.value).splitlines()) == 1
