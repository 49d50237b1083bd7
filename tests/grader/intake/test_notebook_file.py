"""A notebook is read whatever wrote it, and what is none has one reason."""

import json

import nbformat
import pytest

from grader.intake import notebook_file
from grader.repair import rebuild
from tests.support.submitted_notebooks import LAB, NAMES, answered


def written(folder, data):
    path = folder / "02_prompting.ipynb"
    path.write_bytes(data)
    return path


def grades(notebook):
    return [name for name, _ in rebuild.rebuild(notebook, LAB).cells]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_are_told_and_read(notebook, tmp_path, encoding):
    text = json.dumps(notebook, ensure_ascii=False).replace("\n", "\r\n")
    read, repairs = notebook_file.read(written(tmp_path, text.encode(encoding)))
    assert [cell.source for cell in read.cells] == [cell.source for cell in notebook.cells]
    assert len(repairs) == (not encoding.startswith("utf-8"))
    assert rebuild.rebuild(read, LAB).repairs == ()


def test_other_bytes_are_replaced(notebook, tmp_path):
    data = json.dumps(notebook).encode().replace(b"# Prompting", b"# Pr\xf6mpting", 1)
    read, repairs = notebook_file.read(
        written(tmp_path, data + b" " if b"\xf6" in data else data.replace(b"the", b"\xf6", 1))
    )
    assert len(read.cells) == len(notebook.cells)
    assert "UTF-8" in repairs[0]


def test_line_ends_of_windows_are_replaced(notebook, tmp_path):
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n")
    read, repairs = notebook_file.read(written(tmp_path, json.dumps(notebook).encode()))
    assert repairs == ["Line ends of another system were replaced by plain ones."]
    assert rebuild.rebuild(read, LAB).repairs == ()


@pytest.mark.parametrize("minor", [0, 2, 4])
def test_older_minor_formats_have_no_ids(notebook, tmp_path, minor):
    notebook.nbformat_minor = minor
    for cell in notebook.cells:
        del cell["id"]
    read, repairs = notebook_file.read(written(tmp_path, json.dumps(notebook).encode()))
    assert repairs == []
    assert grades(read) == NAMES


def test_format_3_is_converted(notebook, tmp_path):
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    older = nbformat.convert(notebook, 3)
    read, repairs = notebook_file.read(written(tmp_path, json.dumps(older).encode()))
    assert "older format" in repairs[0]
    assert grades(read) == NAMES
    assert all(answered(rebuild.rebuild(read, LAB), name) for name in NAMES)


def test_ids_that_colab_moves_are_found(notebook, tmp_path):
    for cell in notebook.cells:
        cell.metadata["id"] = cell.pop("id")
    read, repairs = notebook_file.read(written(tmp_path, json.dumps(notebook).encode()))
    assert repairs == []
    assert rebuild.rebuild(read, LAB).repairs == ()


def test_invalid_parts_do_no_harm(notebook, tmp_path):
    notebook.metadata = [1]
    document = json.loads(json.dumps(notebook))
    for number, cell in enumerate(document["cells"]):
        cell["metadata"] = [None, {"nbgrader": 3}, {"nbgrader": {"grade_id": [1]}}, "x"][number % 4]
        cell["outputs"] = "none"
    document["cells"] += [None, 3, {}, {"cell_type": ["code"], "source": {"a": 1}, "id": 4}]
    document["nbformat"] = "four"
    read, repairs = notebook_file.read(written(tmp_path, json.dumps(document).encode()))
    assert repairs == ["2 entries among the cells are no cells and were left out."]
    assert grades(read) == NAMES


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf  \n", "empty"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"# %%\nimport torch\n", "script"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "archive"),
        (b"[]", "no notebook"),
        (b"{}", "no cells"),
        (b'{"cells": {}}', "no cells"),
        (b'{"worksheets": 3}', "old format"),
        (b'{"cells": [{"source": "a', "breaks off"),
        (b'{"cells": [{"source": "a"', "breaks off"),
        (b'{"cells": [', "breaks off"),
        (b'{"cells": [}, 3, 4, 5, 6]}', "damaged"),
        (b'{"cells": [\n<<<<<<< HEAD\n]}', "merge"),
        (b'{"cells": ' + b"[" * 200_000, "deeply"),
        (b'{"cells": [' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"]}", ""),
        (b"1" * 5000, "script"),
    ],
)
def test_what_is_no_notebook_has_one_reason(tmp_path, data, words):
    read, reasons = notebook_file.read(written(tmp_path, data))
    if words:
        assert read is None
        assert len(reasons) == 1
        assert words in reasons[0]


def test_every_cut_of_a_notebook_is_told(notebook, tmp_path):
    data = json.dumps(notebook, indent=1).encode()
    for length in range(1, len(data) - 1, 997):
        read, reasons = notebook_file.read(written(tmp_path, data[:length]))
        assert read is None
        assert "breaks off" in reasons[0], length


def test_too_much_is_refused_and_never_read(tmp_path):
    path = tmp_path / "02_prompting.ipynb"
    with path.open("wb") as file:
        file.truncate(10**12)
    read, reasons = notebook_file.read(path)
    assert read is None
    assert "MB" in reasons[0]
    data = {"cells": [{"cell_type": "code", "source": "x = 1\n" * 400_000}]}
    assert "more text" in notebook_file.read(written(tmp_path, json.dumps(data).encode()))[1][0]
    assert notebook_file.read(tmp_path / "missing.ipynb")[0] is None
