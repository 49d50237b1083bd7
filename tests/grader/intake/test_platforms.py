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
    "flat, in a folder": (
        {"class/anna_02_prompting.ipynb": b"1", "class/ben_02_prompting.ipynb": b"2", "class/.DS_Store": b""},
        {("anna", LABS[0]): b"1", ("ben", LABS[0]): b"2"},
    ),
    "flat, the student behind": (
        {"02_prompting_anna.ipynb": b"1", "02-prompting ben lee (2).ipynb": b"2", "02_prompting_vera.zip.ipynb": b"3"},
        {("anna", LABS[0]): b"1", ("ben lee", LABS[0]): b"2", ("vera", LABS[0]): b"3"},
    ),
    "one student's versions": (
        {"02_prompting.ipynb": b"1", "03_decoding-Copy1 (final).ipynb": b"2"},
        {("source", LABS[0]): b"1", ("source", LABS[1]): b"2"},
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
    "canvas in a folder": (
        {"lab two (1)/_101_9001_02_prompting.ipynb": b"1", "lab two (1)/anon_aB3dE_9002_02_prompting.ipynb": b"2"},
        {("_101", LABS[0]): b"1", ("anon_aB3dE", LABS[0]): b"2"},
    ),
    "moodle without names, in groups": (
        {
            "Participant_17_assignsubmission_file_/02_prompting.ipynb": b"1",
            "Default group_assignsubmission_file_/02_prompting.ipynb": b"2",
        },
        {("Participant_17", LABS[0]): b"1", ("Default group", LABS[0]): b"2"},
    ),
    "exports side by side": (
        {
            "first/Jane Doe_5_assignsubmission_file_/02_prompting.ipynb": b"1",
            "first/Ben Roe_6_assignsubmission_file_/02_prompting.ipynb": b"2",
            "second/doejane_101_9_03_decoding.ipynb": b"3",
        },
        {("Jane Doe_5", LABS[0]): b"1", ("Ben Roe_6", LABS[0]): b"2", ("doejane_101", LABS[1]): b"3"},
    ),
    "a folder of a week": (
        {
            "class/.DS_Store": b"",
            "class/week 2/.DS_Store": b"",
            "class/week 2/anna/02_prompting.ipynb": b"1",
            "class/week 2/ben/02_prompting.ipynb": b"2",
        },
        {("anna", LABS[0]): b"1", ("ben", LABS[0]): b"2"},
    ),
    "a folder of a lab": (
        {"class/02_prompting/anna/x.ipynb": b"1", "class/02_prompting/ben/x.ipynb": b"2"},
        {("anna", LABS[0]): b"1", ("ben", LABS[0]): b"2"},
    ),
    "one student with folders": (
        {"anna/02_prompting/work/02_prompting.ipynb": b"1", "anna/02_prompting/data/x.csv": b"2"},
        {("anna", LABS[0]): b"1"},
    ),
    "an export for each lab": (
        {
            "02_prompting/Jane Doe_5_assignsubmission_file_/work.ipynb": b"1",
            "03_decoding/Jane Doe_8_assignsubmission_file_/work.ipynb": b"2",
        },
        {("Jane Doe_5", LABS[0]): b"1", ("Jane Doe_8", LABS[1]): b"2"},
    ),
    "blackboard": (
        {
            "Homework 2_jdoe_attempt_2026-03-01-10-00-00_02_prompting.ipynb": b"old",
            "Homework 2_jdoe_attempt_2026-03-01-10-00-00.txt": b"Name: Jane Doe (jdoe)",
            "Homework 2_jdoe_attempt_2026-03-02-09-00-00_02_prompting.ipynb": b"1",
            "Homework 2_b_roe_attempt_2026-03-01-11-00-00_work.ipynb": b"2",
        },
        {("jdoe", LABS[0]): b"1", ("b_roe", LABS[0]): b"2"},
    ),
    "blackboard, the lab in the title": (
        {"Lab 02_prompting_b_roe_attempt_2026-03-01-11-00-00_work.ipynb": b"1"},
        {("b_roe", LABS[0]): b"1"},
    ),
    "brightspace": (
        {
            "index.html": b"<html>",
            "1527-3517 - Jane Doe - May 18, 2026 948 AM/02_prompting.ipynb": b"old",
            "1527-3517 - Jane Doe - May 18, 2026 1224 PM/02_prompting.ipynb": b"1",
            "1528-3517 - Jane Doe - September 2, 2026 1201 AM/work.ipynb": b"2",
        },
        {("Jane Doe_1527", LABS[0]): b"1", ("Jane Doe_1528", LABS[0]): b"2"},
    ),
    "google classroom": (
        {
            "Jane Doe - 02_prompting.ipynb": b"1",
            "محمد علي - 02_prompting.ipynb": b"2",
            "हिन्दी - 02_prompting.ipynb": b"3",
        },
        {("Jane Doe", LABS[0]): b"1", ("محمد علي", LABS[0]): b"2", ("हिन्दी", LABS[0]): b"3"},
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


# What came of people who handed in no notebook, beside one who did.
OTHERS = {
    "bergbo_102_link.html": ("bergbo_102", "A link came"),
    "cruzcarla_LATE_103_text.html": ("cruzcarla_103", "Typed text came"),
    "LATE_anon_x9Yz1_text.html": ("anon_x9Yz1", "Typed text came"),
    "dahldan_104_9004_report.pdf": ("dahldan_104", "'report.pdf'"),
    "Eve Ek_5_assignsubmission_onlinetext_/onlinetext.html": ("Eve Ek_5", "Typed text came"),
    "Fay Fox_6_assignsubmission_onlinetext_onlinetext.html": ("Fay Fox_6", "Typed text came"),
    "Gil Ge_7_assignsubmission_file_/colab.url": ("Gil Ge_7", "A link came"),
    "Homework_hal_attempt_2026-03-01-10-00-00.txt": ("hal", "No notebook came"),
    "1527-3517 - Ida Ig - May 18, 2026 948 AM/notes.txt": ("Ida Ig_1527", "'notes.txt'"),
    "jon/.ipynb_checkpoints/02_prompting-checkpoint.ipynb": ("jon", "such as .ipynb_checkpoints"),
    "kim/.DS_Store": ("kim", "such as .ipynb_checkpoints"),
    "lea/02_prompting/timestamp.txt": ("lea", "such as .ipynb_checkpoints"),
    "moe.zip": ("moe", "zip is damaged"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_whoever_hands_in_something_else_has_a_row_that_says_what_came(tmp_path, name):
    student, words = OTHERS[name]
    files = {"amberalice_101_9001_02_prompting.ipynb": NOTEBOOK, name: b"<p>It is finished.</p>"}
    submissions = collected(zip_of(tmp_path, files), tmp_path)
    assert set(submissions) == {("amberalice_101", LABS[0]), (student, LABS[0])}
    assert words in submissions[student, LABS[0]].unreadable.replace(name, name[-10:])
    assert submissions[student, LABS[0]].late == ("LATE" in name)


def test_a_notebook_counts_beside_typed_text(tmp_path):
    files = {
        "Jane Doe_5_assignsubmission_onlinetext_/onlinetext.html": b"<p>See the file.</p>",
        "Jane Doe_5_assignsubmission_file_/02_prompting.ipynb": NOTEBOOK,
        "doejane_LATE_101_9001_02_prompting.ipynb": NOTEBOOK,
        "doejane_LATE_101_9002_report.pdf": b"%PDF",
    }
    submissions = collected(zip_of(tmp_path, files), tmp_path)
    assert set(submissions) == {("Jane Doe_5", LABS[0]), ("doejane_101", LABS[0])}
    assert not any(submission.notes or submission.unreadable for submission in submissions.values())
    assert [(submission.late, submission.platform_id) for submission in submissions.values()] == [
        (False, "5"),
        (True, "101"),
    ]


def test_people_of_one_name_stay_two(tmp_path):
    entry = "submission_{0}:\n  :submitters:\n  - :name: Jane Doe\n"
    files = {
        "submission_metadata.yml": (entry.format(1) + entry.format(2)).encode(),
        "submission_1/02_prompting.ipynb": b"1",
        "submission_2/02_prompting.ipynb": b"2",
    }
    submissions = collected(zip_of(tmp_path, files), tmp_path)
    assert {student for student, _ in submissions} == {"Jane Doe submission_1", "Jane Doe submission_2"}


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
    files |= {f"mallory_02_prompting/{claim}": b"bad" for claim in claims[:2]}
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
