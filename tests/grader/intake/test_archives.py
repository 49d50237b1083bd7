"""Whatever lies in a folder or a zip: a bad file costs its own student only, and nothing is written elsewhere."""

import os
import stat
import struct
import zipfile

import pytest

from grader.intake import archives
from tests.support.submitted_files import LABS, NOTEBOOK, collected, folder_of, packed, zip_of


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
    "only checkpoints in a zip": (
        ("bad/a.zip", packed({".ipynb_checkpoints/02_prompting-checkpoint.ipynb": NOTEBOOK})),
        "such as .ipynb_checkpoints",
    ),
    "empty folder": (("bad/", b""), "folder is empty"),
    "no notebook": (("bad/report.pdf", b"%PDF"), "No notebook"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_entry_costs_its_own_student_only(tmp_path, case):
    entry, words = BAD[case]
    files = [("anna/02_prompting.ipynb", NOTEBOOK), entry, ("ben/02_prompting.ipynb", NOTEBOOK)]
    submissions = collected(zip_of(tmp_path, files), tmp_path)
    assert set(submissions) == {("anna", LABS[0]), ("bad", LABS[0]), ("ben", LABS[0])}
    assert words in submissions["bad", LABS[0]].unreadable
    assert submissions["bad", LABS[0]].unreadable.endswith(".")
    assert not submissions["anna", LABS[0]].unreadable + submissions["ben", LABS[0]].unreadable


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
    submissions = collected(source, tmp_path)
    assert submissions["bad", LABS[0]].unreadable
    assert not submissions["anna", LABS[0]].unreadable


@pytest.mark.parametrize("large", [False, True])
def test_a_zip_of_the_large_format_is_read_and_its_list_is_limited(tmp_path, monkeypatch, large):
    # Python writes the large format's records from this many entries on; otherwise it would take 65,536.
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    inner = {f"{number:0200d}.txt": b"" for number in range(18_000 if large else 2)} | {"work.ipynb": NOTEBOOK}
    files = {"anna/02_prompting.zip": packed(inner), "ben/02_prompting.ipynb": NOTEBOOK}
    submissions = collected(zip_of(tmp_path, files), tmp_path)
    assert ("too long" in submissions["anna", LABS[0]].unreadable) == large
    assert bool(submissions["anna", LABS[0]].unreadable) == large
    assert not submissions["ben", LABS[0]].unreadable


def test_bad_files_in_a_folder_cost_their_own_student_only(tmp_path):
    source = folder_of(tmp_path / "source", {f"{name}/02_prompting.ipynb": NOTEBOOK for name in ("anna", "large")})
    for name in ("pipe", "link", "dangling", "empty"):
        (source / name).mkdir()
    os.mkfifo(source / "pipe" / "02_prompting.ipynb")
    (source / "link" / "02_prompting.ipynb").symlink_to(source / "anna" / "02_prompting.ipynb")
    (source / "dangling" / "02_prompting.ipynb").symlink_to(tmp_path / "nothing")
    (source / "other").symlink_to(source / "anna")
    os.truncate(source / "large" / "02_prompting.ipynb", 50_000_000)
    submissions = collected(source, tmp_path)
    unreadable = {student: submission.unreadable for (student, _), submission in submissions.items()}
    assert not unreadable.pop("anna")
    assert set(unreadable) == {"pipe", "link", "dangling", "large", "other", "empty"}
    assert "50 MB" in unreadable["large"]
    assert all(unreadable.values())


def test_a_good_file_beside_a_bad_one_counts(tmp_path):
    files = [("anna/02_prompting.ipynb", NOTEBOOK), ("anna/02_prompting-2.ipynb", b"0" * 19_000_000)]
    submission = collected(zip_of(tmp_path, files), tmp_path)["anna", LABS[0]]
    assert not submission.unreadable
    assert "Prompting" not in submission.notes[0]
    assert "02_prompting-2" in submission.notes[0]


def test_all_bytes_together_are_limited(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 100)
    submissions = collected(zip_of(tmp_path, {f"{name}/02_prompting.ipynb": NOTEBOOK for name in "abc"}), tmp_path)
    assert [bool(submission.unreadable) for submission in submissions.values()] == [False, True, True]
