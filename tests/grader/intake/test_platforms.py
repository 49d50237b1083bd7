"""Whose file it is and for which lab, in every layout of folders and exports."""

import pytest

from tests.support.submitted_files import LABS, NOTEBOOK, collected, folder_of, packed, zip_of

METADATA = """---
submission_11:
  :submitters:
  - :name: Jane Doe
    :sid: '1001'
    :email: jane@example.edu
  - :name: Ben Roe
    :sid: ''
    :email: ben@example.edu
  :created_at: 2026-03-01 10:00:00.343894000 Z
  :score: 0.0
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    output: x
submission_12:
  :submitters:
  - :name: Jane Doe
    :sid: '1001'
  :created_at: 2026-03-02 10:00:00.343894000 Z
"""

LAYOUTS = {
    "student folders": (
        {"anna/02_prompting.ipynb": b"1", "ben/02_prompting.ipynb": b"2", "ben/03_decoding.ipynb": b"3"},
        {("anna", LABS[0]): b"1", ("ben", LABS[0]): b"2", ("ben", LABS[1]): b"3"},
    ),
    "lab folders": (
        {"02_prompting/anna.ipynb": b"1", "03_decoding/anna.ipynb": b"2", "03_decoding/ben/03_decoding.ipynb": b"3"},
        {("anna", LABS[0]): b"1", ("anna", LABS[1]): b"2", ("ben", LABS[1]): b"3"},
    ),
    "flat": (
        {"anna_02_prompting.ipynb": b"1", "smith_12345_02_prompting.ipynb": b"2", "anna-03-decoding (1).ipynb": b"3"},
        {("anna", LABS[0]): b"1", ("smith_12345", LABS[0]): b"2", ("anna", LABS[1]): b"3"},
    ),
    "one student's own folder": (
        {"02_prompting/02_prompting.ipynb": b"1", "03_decoding/03_decoding.ipynb": b"2"},
        {("source", LABS[0]): b"1", ("source", LABS[1]): b"2"},
    ),
    "nbgrader": (
        {
            "submitted/anna/02_prompting/02_prompting.ipynb": b"1",
            "submitted/anna/02_prompting/timestamp.txt": b"2026-03-01 10:00:00 UTC",
            "submitted/ben/03_decoding/03_decoding.ipynb": b"2",
            "submitted/ben/03_decoding/.ipynb_checkpoints/03_decoding-checkpoint.ipynb": b"old",
        },
        {("anna", LABS[0]): b"1", ("ben", LABS[1]): b"2"},
    ),
    "canvas": (
        {
            "doejane_101_9001_02_prompting.ipynb": b"1",
            "roeben_LATE_102_9002_02_prompting-1.ipynb": b"2",
            "roeben_LATE_102_8002_02_prompting.ipynb": b"old",
            "muellerjoerg_103_9003_homework.ipynb": b"3",
            "leeann_104_9004_Copy of Lab 02-Prompting.ipynb": b"4",
        },
        {
            ("doejane_101", LABS[0]): b"1",
            ("roeben_102", LABS[0]): b"2",
            ("muellerjoerg_103", LABS[0]): b"3",
            ("leeann_104", LABS[0]): b"4",
        },
    ),
    "moodle": (
        {
            "Jane Doe_123456_assignsubmission_file_/02_prompting.ipynb": b"1",
            "Jane Doe_123456_assignsubmission_onlinetext_/onlinetext.html": b"<p>",
            "Jörg O'Neil_123457_assignsubmission_file/my work.ipynb": b"2",
            "Bo Li_123458_assignsubmission_file_02_prompting.ipynb": b"3",
        },
        {
            ("Jane Doe_123456", LABS[0]): b"1",
            ("Jörg O'Neil_123457", LABS[0]): b"2",
            ("Bo Li_123458", LABS[0]): b"3",
        },
    ),
    "gradescope": (
        {
            "assignment_7_export/submission_metadata.yml": METADATA.encode(),
            "assignment_7_export/submission_11/02_prompting.ipynb": b"1",
            "assignment_7_export/submission_12/02_prompting.ipynb": b"2",
            "assignment_7_export/submission_12/submission_metadata.yml": b"submission_11: {':submitters': []}",
            "assignment_7_export/submission_13/lab/02_prompting.ipynb": b"3",
        },
        {("1001", LABS[0]): b"2", ("ben@example.edu", LABS[0]): b"1", ("submission_13", LABS[0]): b"3"},
    ),
}


@pytest.mark.parametrize("as_zip", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_one_submission_per_student_and_lab(tmp_path, layout, as_zip):
    files, expected = LAYOUTS[layout]
    source = zip_of(tmp_path, files, "source.zip") if as_zip else folder_of(tmp_path / "source", files)
    submissions = collected(source, tmp_path)
    assert {key: submission.path.read_bytes() for key, submission in submissions.items()} == expected
    assert not any(submission.unreadable for submission in submissions.values())


@pytest.mark.parametrize(
    "files",
    [
        {"anna/02_prompting.ipynb": NOTEBOOK},
        {"class/anna/02_prompting.ipynb": NOTEBOOK, "class/ben/02_prompting.ipynb": NOTEBOOK},
        {"anna/work.zip": packed({"deep/er/02_prompting.ipynb": NOTEBOOK, "__MACOSX/._02_prompting.ipynb": b"x"})},
        {"anna.zip": packed({"02_prompting.ipynb": NOTEBOOK}), "ben.zip": packed({"02_prompting.ipynb": NOTEBOOK})},
        {"anna_02_prompting.zip": packed({"solution.ipynb": NOTEBOOK})},
        {"anna/02_prompting/02_prompting.zip": packed({"homework.ipynb": NOTEBOOK})},
        {"anna/02_prompting.ipynb.txt": NOTEBOOK},
        {"anna/lab02prompting_final.IPYNB": NOTEBOOK},
        {"anna/02_prompting.ipynb": NOTEBOOK, "anna/02_prompting_more.ipynb": b"more", "anna/data.csv": b"1"},
        {"anna\\02_prompting.ipynb": NOTEBOOK},
    ],
)
def test_students_own_ways_are_understood(tmp_path, files):
    submissions = collected(zip_of(tmp_path, files), tmp_path)
    assert submissions["anna", LABS[0]].path.read_bytes() == NOTEBOOK
    assert {student for student, _ in submissions} <= {"anna", "ben"}
    assert not any(submission.notes or submission.unreadable for submission in submissions.values())


def test_zips_of_students_in_exports_are_opened(tmp_path):
    inner = packed({"Other Name_999_assignsubmission_file_/02_prompting.ipynb": NOTEBOOK})
    files = {"doejane_101_9001_lab.zip": inner, "roeben_102_9002_02_prompting.ipynb": b"2"}
    assert set(collected(zip_of(tmp_path, files), tmp_path)) == {("doejane_101", LABS[0]), ("roeben_102", LABS[0])}


def test_no_student_can_hand_in_for_another(tmp_path):
    claims = ("ben/02_prompting.ipynb", "Ben_1_assignsubmission_file_/02_prompting.ipynb", "../ben/02_prompting.ipynb")
    files = {"mallory/w.zip": packed(dict.fromkeys(claims, b"bad")), "ben/02_prompting.ipynb": NOTEBOOK}
    submissions = collected(zip_of(tmp_path, files), tmp_path)
    assert set(submissions) == {("mallory", LABS[0]), ("ben", LABS[0])}
    assert submissions["ben", LABS[0]].path.read_bytes() == NOTEBOOK


def test_students_of_similar_names_stay_apart(tmp_path):
    names = ["a:b", "a;b", "a_b", "A_b", "-a_b", "x" * 200, "x" * 201]
    files = {f"{name}/02_prompting.ipynb": name.encode() for name in names}
    submissions = collected(zip_of(tmp_path, files), tmp_path)
    assert sorted(submission.path.read_bytes() for submission in submissions.values()) == sorted(
        name.encode() for name in names
    )


@pytest.mark.parametrize(
    "metadata", [b"", b"[1", b"- 1", b"submission_1: 3", b"submission_1: {':submitters': 4}", b"\xff"]
)
def test_metadata_that_cannot_be_read_leaves_folder_names(tmp_path, metadata):
    files = {"submission_metadata.yml": metadata, "submission_1/02_prompting.ipynb": NOTEBOOK}
    assert set(collected(zip_of(tmp_path, files), tmp_path)) == {("submission_1", LABS[0])}


def test_the_same_source_gives_the_same_submissions(tmp_path):
    files, _ = LAYOUTS["gradescope"]
    source = zip_of(tmp_path, files)
    assert collected(source, tmp_path) == collected(source, tmp_path)
