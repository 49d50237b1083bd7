"""Names of a zip's entries, whatever encoding their writer has stated or forgotten."""

import io
import struct
import zipfile
import zlib

import pytest

from grader.intake import zip_names
from tests.support.submitted_files import LABS, NOTEBOOK, collected, packed

NAME = "Müller Jörg_4712_assignsubmission_file_/02_prompting.ipynb"


def raw_zip(path, names, flag):
    """A zip with these bytes for names, in each of which the flag for UTF-8 is set or not."""
    stand_ins = {f"{place:0{len(name)}d}": name for place, name in enumerate(names)}
    data = packed(dict.fromkeys(stand_ins, NOTEBOOK))
    for stand_in, name in stand_ins.items():
        data = data.replace(stand_in.encode(), name)
    data = bytearray(data)
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = data.find(signature)
        while place >= 0:
            struct.pack_into("<H", data, place + offset, 1 << 11 if flag else 0)
            place = data.find(signature, place + 1)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("flag", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "cp437", "cp1252"])
def test_every_name_is_one_student_with_the_notebook(tmp_path, encoding, flag):
    names = [
        NAME.encode(encoding),
        NAME.replace("Müller", "Möller").encode(encoding),
        b"Li_1_assignsubmission_file_a.ipynb",
    ]
    submissions = collected(raw_zip(tmp_path / "export.zip", names, flag), tmp_path)
    assert len(submissions) == 3
    assert [submission.path.read_bytes() for submission in submissions.values()] == [NOTEBOOK] * 3
    if encoding == "utf-8":
        assert {student for student, _ in submissions} == {"Müller Jörg_4712", "Möller Jörg_4712", "Li_1"}
    assert {submission.platform_id for submission in submissions.values()} == {"4712", "1"}


def test_a_students_own_zip_may_be_misnamed_too(tmp_path):
    inner = raw_zip(tmp_path / "inner.zip", ["übung/02_prompting.ipynb".encode("cp1252")], True).read_bytes()
    (tmp_path / "export.zip").write_bytes(packed({"anna/work.zip": inner}))
    assert not collected(tmp_path / "export.zip", tmp_path)["anna", LABS[0]].unreadable


@pytest.mark.parametrize(("checksum_of", "read"), [(b"M?ller/x", "Müller/x"), (b"another", "M?ller/x")])
def test_the_field_for_unicode_counts_where_it_is_of_this_name(checksum_of, read):
    entry = zipfile.ZipInfo("M?ller/x")
    field = struct.pack("<BL", 1, zlib.crc32(checksum_of)) + "Müller/x".encode()
    entry.extra = struct.pack("<HH", 0x7075, len(field)) + field
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, b"")
    with zipfile.ZipFile(buffer) as archive:
        assert zip_names.name(archive.infolist()[0]) == read


def test_the_zip_itself_stays_as_it_is(tmp_path):
    path = raw_zip(tmp_path / "export.zip", [NAME.encode("cp1252")], True)
    before = path.read_bytes()
    with zip_names.opened(path) as archive:
        assert archive.read(archive.infolist()[0]) == NOTEBOOK
    assert path.read_bytes() == before
