"""Folders and zips of submissions, and the checks that hold for whatever is collected from them."""

import hashlib
import io
import zipfile

from grader.intake import collect

NOTEBOOK = b'{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}'
LABS = ("02_prompting", "03_decoding")


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


def collected(source, tmp_path, labs=LABS):
    """{(student, lab): submission} after checks that hold for every source."""
    out = tmp_path / "unpacked"
    submissions = collect.collect(source, out, labs)
    keys = [(submission.student, submission.assignment) for submission in submissions]
    assert len(set(keys)) == len(keys)
    assert keys == sorted(keys)
    for submission in submissions:
        assert not any(part in submission.student for part in ("/", "\0", "\n"))
        assert submission.student not in ("", ".", "..")
        assert str(tmp_path) not in submission.unreadable + "".join(submission.notes)
        if not submission.unreadable:
            assert not submission.path.is_symlink()
            assert hashlib.sha256(submission.path.read_bytes()).hexdigest() == submission.digest
    inside = set(out.rglob("*")) if out.exists() else set()
    assert all(path.is_file() and not path.is_symlink() and path.parent == out for path in inside)
    return dict(zip(keys, submissions, strict=True))
