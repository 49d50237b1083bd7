"""Each student's submission is found once, and what else was handed in is told."""

import pytest

from grader.intake import collect
from tests.support.submitted_files import LABS, NOTEBOOK, collected, folder_of, packed
from utils.errors import CourseError


def test_different_files_of_one_student_are_told(tmp_path):
    files = {"anna/02_prompting.ipynb": b"1", "anna/02_prompting-Copy1.ipynb": b"2", "anna/x/02_prompting.ipynb": b"1"}
    submission = collected(folder_of(tmp_path / "source", files), tmp_path)["anna", LABS[0]]
    assert submission.path.read_bytes() == b"1"
    assert len(submission.notes) == 1
    assert "2 different notebooks" in submission.notes[0]
    assert "Copy1" in submission.notes[0]


def test_only_the_labs_asked_for_are_taken(tmp_path):
    files = {"anna/02_prompting.ipynb": b"1", "anna/03_decoding.ipynb": b"2", "anna/05_pretraining.ipynb": b"3"}
    assert set(collected(folder_of(tmp_path / "source", files), tmp_path, ["03_decoding"])) == {("anna", "03_decoding")}
    assert len(collect.collect(tmp_path / "source", tmp_path / "out")) == 3


def test_a_name_that_tells_no_lab_is_reported(tmp_path):
    files = {"anna/02_prompting.ipynb": b"1", "ben/03_decoding.ipynb": b"2", "carl/work.ipynb": b"3"}
    submission = collected(folder_of(tmp_path / "source", files), tmp_path)["carl", ""]
    assert "'work.ipynb' tells no lab" in submission.unreadable


def test_files_that_are_nobodys_are_named(tmp_path, capsys):
    files = {
        "anna_02_prompting.ipynb": b"1",
        "anna.pdf": b"2",
        "README.md": b"3",
        "index.html": b"4",
        ".DS_Store": b"5",
    }
    assert set(collected(folder_of(tmp_path / "source", files), tmp_path)) == {("anna", LABS[0])}
    assert capsys.readouterr().err == "Left out, since nothing tells whose they are: 'README.md', 'anna.pdf'.\n"


@pytest.mark.parametrize("kind", ["missing", "empty folder", "text", "empty zip", "damaged zip", "other files"])
def test_a_source_without_submissions_says_so(tmp_path, kind):
    source = tmp_path / "source"
    if kind in ("empty folder", "other files"):
        source.mkdir()
        (source / "README.md" if kind == "other files" else tmp_path / "x").write_text("read me")
    elif kind == "text":
        source.write_text("submissions")
    elif kind == "empty zip":
        source.write_bytes(packed({}))
    elif kind == "damaged zip":
        source.write_bytes(packed({"anna/02_prompting.ipynb": NOTEBOOK}).replace(b"PK\1\2", b"none"))
    with pytest.raises(CourseError) as error:
        collect.collect(source, tmp_path / "out")
    assert str(error.value).count(". ") == 0
    assert "'source'" in str(error.value)
