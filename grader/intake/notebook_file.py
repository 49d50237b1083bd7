"""Reading any file that was handed in as a notebook: other encodings, older formats, invalid parts."""

import json
import logging
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader.intake.archives import MAX_NOTEBOOK_BYTES

# A lab has tens of cells and under 50 kB. More costs time and memory in a trusted process, whose memory has no limit.
MAX_CODE_CHARACTERS, MAX_CELLS = 1_000_000, 10_000
CELL_TYPES = ("code", "markdown", "raw")
TOO_DEEP = (
    "Its values are nested so deeply that no editor can have written it: hand in the notebook as Jupyter saves it."
)


class _Unreadable(Exception):
    """Why a file is no notebook: one sentence."""


def read(path: Path) -> tuple[NotebookNode | None, list[str]]:
    """The notebook in the newest format with what was mended, or None with the one reason why there is none.

    Ids and nbgrader's metadata stay as they are, also where they are missing.
    """
    repairs: list[str] = []
    try:
        document = _parsed(_decoded(path, repairs))
        cells = [_cell(cell) for cell in _cells(document, repairs) if isinstance(cell, dict)]
    except _Unreadable as reason:
        return None, [str(reason)]
    except RecursionError:
        return None, [TOO_DEEP]
    if sum(len(cell.source) for cell in cells if cell.cell_type == "code") > MAX_CODE_CHARACTERS:
        return None, ["Its code cells hold more text than a lab can: take out what does not belong there."]
    if any("\r" in cell.source for cell in cells):
        repairs.append("Line ends of another system were replaced by plain ones.")
        for cell in cells:
            cell.source = cell.source.replace("\r\n", "\n").replace("\r", "\n")
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=NotebookNode(), cells=cells), repairs


def _decoded(path: Path, repairs: list[str]) -> str:
    try:
        with path.open("rb") as file:
            # Its size may grow between a look at it and the reading: so no more than this is ever read.
            data = file.read(MAX_NOTEBOOK_BYTES + 1)
    except OSError:
        raise _Unreadable("The file could not be opened: hand it in again.") from None
    if len(data) > MAX_NOTEBOOK_BYTES:
        raise _Unreadable(
            f"The file has over {MAX_NOTEBOOK_BYTES / 1e6:.0f} MB: clear its outputs and hand it in again."
        )
    # JSON begins with an ASCII character, so where the zeros lie in the first four bytes tells UTF-16 and UTF-32.
    encoding = json.detect_encoding(data)
    if encoding not in ("utf-8", "utf-8-sig"):
        repairs.append(f"The file was saved as {encoding.upper()} and was read so; notebooks are UTF-8.")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        # Not refused: an old editor's umlaut in one comment leaves the code as it was.
        repairs.append("Characters that are not UTF-8 were replaced: save the notebook with Jupyter.")
        return data.decode(encoding, errors="replace")


def _parsed(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _Unreadable(_diagnosis(text, error)) from None
    if not isinstance(document, dict):
        raise _Unreadable("The file is JSON but no notebook: save the lab with Jupyter and hand that in.")
    return document


def _diagnosis(text: str, error: ValueError) -> str:
    """What a file that is not JSON seems to be."""
    start = text.lstrip("\ufeff \t\r\n")
    if not start:
        return "The file is empty: save the notebook and hand it in again."
    if start.startswith("<"):
        return "The file is a web page, not a notebook: download the .ipynb itself, not its page."
    if start.startswith(("%PDF", "PK")):
        return "The file is a PDF or an archive under a notebook's name: hand in the .ipynb itself."
    if re.search(r"^(<{7}|={7}|>{7})", text, re.MULTILINE):
        return "The file holds the marks of a merge that was not finished: settle it in Jupyter and save."
    if not start.startswith("{"):
        return "The file is no notebook; it looks like a script or plain text: hand in the .ipynb."
    # Where a file was cut off, the parser stops at the end, or in the text that had begun.
    if (isinstance(error, json.JSONDecodeError) and len(text.rstrip()) - error.pos < 2) or "Unterminated" in str(error):
        return "The file breaks off in the middle: save the notebook again and hand in the whole file."
    return "The file is damaged JSON: open it in Jupyter, save it, and hand that in."


def _cells(document: dict[str, Any], repairs: list[str]) -> list[Any]:
    if "worksheets" in document:
        document = _converted(document)
        repairs.append("The notebook was in an older format and was read as format 4.")
    cells = document.get("cells")
    if not isinstance(cells, list):
        raise _Unreadable("The file is JSON but holds no cells: save the lab with Jupyter and hand that in.")
    if len(cells) > MAX_CELLS:
        raise _Unreadable(f"It has {len(cells):,} cells, more than a lab can: take out what does not belong there.")
    if invalid_count := sum(not isinstance(cell, dict) for cell in cells):
        repairs.append(f"{invalid_count} entries among the cells are no cells and were left out.")
    return cells


def _converted(document: dict[str, Any]) -> dict[str, Any]:
    """From format 3 or older."""
    # nbformat logs through traitlets what it finds invalid: to the instructor's terminal, for every such student.
    logger = logging.getLogger("traitlets")
    level = logger.level
    try:
        logger.setLevel(logging.CRITICAL)
        # The fields that nbformat.convert needs, under those that the file has; format 3 is the newest with worksheets.
        return nbformat.convert(nbformat.from_dict({"nbformat": 3, "nbformat_minor": 0, "metadata": {}} | document), 4)
    except RecursionError:
        raise
    # Each older version converts by assuming fields: KeyError, AttributeError, TypeError and more for a broken file.
    except Exception:
        raise _Unreadable("The notebook's old format could not be read: open it in Jupyter and save it.") from None
    finally:
        logger.setLevel(level)


def _cell(cell: dict[str, Any]) -> NotebookNode:
    """A cell with every field in its place, whatever the file holds there; Colab keeps ids in the metadata."""
    metadata, cell_type = cell.get("metadata"), cell.get("cell_type")
    metadata = metadata if isinstance(metadata, dict) else {}
    nbgrader = metadata.get("nbgrader")
    # Of nbgrader's fields only the name: points and whether it is a check are the released lab's to say.
    identity = (
        {"nbgrader": NotebookNode(grade_id=_string(nbgrader.get("grade_id")))} if isinstance(nbgrader, dict) else {}
    )
    source = cell.get("source", cell.get("input"))  # "input" in format 3
    lines = source if isinstance(source, list) else [source]
    return NotebookNode(
        id=_string(cell.get("id")) or _string(metadata.get("id")),
        cell_type=cell_type if cell_type in CELL_TYPES else "raw",
        metadata=NotebookNode(identity),
        source="".join(map(_string, lines)),
    )


def _string(value: Any) -> str:
    """Text without halves of characters, which no file could hold; "" for anything else."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""
