"""Submissions are found in every layout, each student's once, and a bad file costs its own student only."""

import hashlib
import io
import os
import stat
import struct
import zipfile

import pytest

from grader.intake import archives, collect
from utils.errors import CourseError

NOTEBOOK = b'{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}'
LABS = ("02_prompting", "03_decoding")
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


def folder_of(root, files):
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def packed(files):
    """The bytes of a zip. A name may be a ZipInfo."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files if isinstance(files, list) else files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def zip_of(root, files, name="export.zip"):
    path = root / name
    path.write_bytes(packed(files))
    return path


def found(source, tmp_path, labs=LABS):
    """{(student, lab): submission} after checks that hold for every source."""
    out = tmp_path / "unpacked"
    submissions = collect.collect(source, out, labs)
    keys = [(each.student, each.assignment) for each in submissions]
    assert len(set(keys)) == len(keys)
    assert keys == sorted(keys)
    for each in submissions:
        assert not any(part in each.student for part in ("/", "\0", "\n"))
        assert each.student not in ("", ".", "..")
        assert str(tmp_path) not in each.unreadable + "".join(each.notes)
        if not each.unreadable:
            assert not each.path.is_symlink()
            assert hashlib.sha256(each.path.read_bytes()).hexdigest() == each.digest
    inside = set(out.rglob("*")) if out.exists() else set()
    assert all(path.is_file() and not path.is_symlink() and path.parent == out for path in inside)
    return dict(zip(keys, submissions, strict=True))


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
    came = found(source, tmp_path)
    assert {key: each.path.read_bytes() for key, each in came.items()} == expected
    assert not any(each.unreadable for each in came.values())


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
    came = found(zip_of(tmp_path, files), tmp_path)
    assert came["anna", LABS[0]].path.read_bytes() == NOTEBOOK
    assert {student for student, _ in came} <= {"anna", "ben"}
    assert not any(each.notes or each.unreadable for each in came.values())


def test_zips_of_students_in_exports_are_opened(tmp_path):
    inner = packed({"Other Name_999_assignsubmission_file_/02_prompting.ipynb": NOTEBOOK})
    files = {"doejane_101_9001_lab.zip": inner, "roeben_102_9002_02_prompting.ipynb": b"2"}
    assert set(found(zip_of(tmp_path, files), tmp_path)) == {("doejane_101", LABS[0]), ("roeben_102", LABS[0])}


def test_no_student_can_hand_in_for_another(tmp_path):
    claims = ("ben/02_prompting.ipynb", "Ben_1_assignsubmission_file_/02_prompting.ipynb", "../ben/02_prompting.ipynb")
    files = {"mallory/w.zip": packed(dict.fromkeys(claims, b"bad")), "ben/02_prompting.ipynb": NOTEBOOK}
    came = found(zip_of(tmp_path, files), tmp_path)
    assert set(came) == {("mallory", LABS[0]), ("ben", LABS[0])}
    assert came["ben", LABS[0]].path.read_bytes() == NOTEBOOK


def test_students_of_similar_names_stay_apart(tmp_path):
    names = ["a:b", "a;b", "a_b", "A_b", "-a_b", "x" * 200, "x" * 201]
    files = {f"{name}/02_prompting.ipynb": name.encode() for name in names}
    came = found(zip_of(tmp_path, files), tmp_path)
    assert sorted(each.path.read_bytes() for each in came.values()) == sorted(name.encode() for name in names)


def test_different_files_of_one_student_are_told(tmp_path):
    files = {"anna/02_prompting.ipynb": b"1", "anna/02_prompting-Copy1.ipynb": b"2", "anna/x/02_prompting.ipynb": b"1"}
    each = found(folder_of(tmp_path / "source", files), tmp_path)["anna", LABS[0]]
    assert each.path.read_bytes() == b"1"
    assert len(each.notes) == 1
    assert "2 different notebooks" in each.notes[0]
    assert "Copy1" in each.notes[0]


def test_only_the_labs_asked_for_are_taken(tmp_path):
    files = {"anna/02_prompting.ipynb": b"1", "anna/03_decoding.ipynb": b"2", "anna/05_pretraining.ipynb": b"3"}
    assert set(found(folder_of(tmp_path / "source", files), tmp_path, ["03_decoding"])) == {("anna", "03_decoding")}
    assert len(collect.collect(tmp_path / "source", tmp_path / "out")) == 3


def test_a_name_that_tells_no_lab_is_reported(tmp_path):
    files = {"anna/02_prompting.ipynb": b"1", "ben/03_decoding.ipynb": b"2", "carl/work.ipynb": b"3"}
    each = found(folder_of(tmp_path / "source", files), tmp_path)["carl", ""]
    assert "'work.ipynb' tells no lab" in each.unreadable


def linked(target):
    entry = zipfile.ZipInfo("bad/02_prompting.ipynb")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry, target


def device():
    entry = zipfile.ZipInfo("bad/02_prompting.ipynb")
    entry.external_attr = (stat.S_IFCHR | 0o666) << 16
    return entry, b""


def compressed(kind):
    entry = zipfile.ZipInfo("bad/02_prompting.ipynb")
    entry.compress_type = kind
    return entry, NOTEBOOK


BAD = {
    "link": (linked("/etc/passwd"), "link"),
    "device": (device(), "ordinary"),
    "leads up": (("bad/../../02_prompting.ipynb", NOTEBOOK), "leads out"),
    "leads up on Windows": (("bad\\..\\..\\02_prompting.ipynb", NOTEBOOK), "leads out"),
    "absolute": (("/bad/02_prompting.ipynb", NOTEBOOK), "leads out"),
    "bomb": (("bad/02_prompting.ipynb", b"0" * 19_000_000), "tightly"),
    "50 MB": (("bad/02_prompting.ipynb", os.urandom(1_000_000) * 50), "50 MB"),
    "packed by LZMA": (compressed(zipfile.ZIP_LZMA), "ordinary zip"),
    "zip within zip": (("bad/a.zip", packed({"b.zip": packed({"02_prompting.ipynb": NOTEBOOK})})), "zip"),
    "bomb in a zip": (("bad/a.zip", packed({"02_prompting.ipynb": b"0" * 19_000_000})), "tightly"),
    "no zip": (("bad/a.zip", b"PK no"), "damaged"),
    "empty zip": (("bad/a.zip", packed({})), "no notebook"),
    "many files in a zip": (("bad/a.zip", packed({f"{n}.txt": b"" for n in range(20_001)})), "20,001 files"),
    "too many files in a zip": (("bad/a.zip", packed({f"{n:0200d}": b"" for n in range(18_000)})), "too long"),
    "no notebook": (("bad/report.pdf", b"%PDF"), "No notebook"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_entry_costs_its_own_student_only(tmp_path, case):
    entry, words = BAD[case]
    files = [("anna/02_prompting.ipynb", NOTEBOOK), entry, ("ben/02_prompting.ipynb", NOTEBOOK)]
    came = found(zip_of(tmp_path, files), tmp_path)
    assert set(came) == {("anna", LABS[0]), ("bad", LABS[0]), ("ben", LABS[0])}
    assert words in came["bad", LABS[0]].unreadable
    assert came["bad", LABS[0]].unreadable.endswith(".")
    assert not came["anna", LABS[0]].unreadable + came["ben", LABS[0]].unreadable


@pytest.mark.parametrize("case", ["encrypted", "damaged", "lying size"])
def test_a_damaged_entry_costs_its_own_student_only(tmp_path, case):
    source = zip_of(tmp_path, {"anna/02_prompting.ipynb": NOTEBOOK, "bad/02_prompting.ipynb": NOTEBOOK * 9})
    data = bytearray(source.read_bytes())
    header, listed = data.index(b"bad/") - 30, data.rindex(b"bad/") - 46
    if case == "encrypted":
        data[listed + 8] |= 1
    elif case == "damaged":
        data[header + 30 + 22] ^= 255
    else:
        struct.pack_into("<L", data, listed + 24, 10)
    source.write_bytes(data)
    came = found(source, tmp_path)
    assert came["bad", LABS[0]].unreadable
    assert not came["anna", LABS[0]].unreadable


def test_bad_files_in_a_folder_cost_their_own_student_only(tmp_path):
    source = folder_of(tmp_path / "source", {f"{name}/02_prompting.ipynb": NOTEBOOK for name in ("anna", "large")})
    for name in ("pipe", "link", "dangling"):
        (source / name).mkdir()
    os.mkfifo(source / "pipe" / "02_prompting.ipynb")
    (source / "link" / "02_prompting.ipynb").symlink_to(source / "anna" / "02_prompting.ipynb")
    (source / "dangling" / "02_prompting.ipynb").symlink_to(tmp_path / "nothing")
    (source / "other").symlink_to(source / "anna")
    os.truncate(source / "large" / "02_prompting.ipynb", 50_000_000)
    came = found(source, tmp_path)
    unreadable = {student: each.unreadable for (student, _), each in came.items()}
    assert not unreadable.pop("anna")
    assert set(unreadable) == {"pipe", "link", "dangling", "large", "other"}
    assert "50 MB" in unreadable["large"]
    assert all(unreadable.values())


def test_a_good_file_beside_a_bad_one_counts(tmp_path):
    files = [("anna/02_prompting.ipynb", NOTEBOOK), ("anna/02_prompting-2.ipynb", b"0" * 19_000_000)]
    each = found(zip_of(tmp_path, files), tmp_path)["anna", LABS[0]]
    assert not each.unreadable
    assert "Prompting" not in each.notes[0]
    assert "02_prompting-2" in each.notes[0]


def test_all_bytes_together_are_limited(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "ALL_BYTES", 100)
    came = found(zip_of(tmp_path, {f"{name}/02_prompting.ipynb": NOTEBOOK for name in "abc"}), tmp_path)
    assert [bool(each.unreadable) for each in came.values()] == [False, True, True]


@pytest.mark.parametrize(
    "metadata", [b"", b"[1", b"- 1", b"submission_1: 3", b"submission_1: {':submitters': 4}", b"\xff"]
)
def test_metadata_that_cannot_be_read_leaves_folder_names(tmp_path, metadata):
    files = {"submission_metadata.yml": metadata, "submission_1/02_prompting.ipynb": NOTEBOOK}
    assert set(found(zip_of(tmp_path, files), tmp_path)) == {("submission_1", LABS[0])}


def test_the_same_source_gives_the_same_submissions(tmp_path):
    files, _ = LAYOUTS["gradescope"]
    source = zip_of(tmp_path, files)
    assert found(source, tmp_path) == found(source, tmp_path)


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
