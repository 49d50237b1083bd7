"""One page for each student and assignment: points, safe hints, repairs, time and memory."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from grader.assignment import Assignment
from grader.records import Row
from grader.results.html_pages import rendered
from grader.results.sections import latest, sections

# A file system allows 255 bytes; %-escapes are ASCII, so these are characters and bytes, and ".html" fits behind.
MAX_NAME_LENGTH = 120


def write(rows: Iterable[Row], assignments: Mapping[str, Assignment], folder: Path) -> list[Path]:
    """The pages as nbgrader lays out its own: folder/STUDENT/ASSIGNMENT/ASSIGNMENT.html. Returns their paths."""
    paths = []
    for row in latest(rows):
        name = file_name(row.assignment)
        paths.append(folder / file_name(row.student) / name / f"{name}.html")
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        # A lone surrogate, from a name or an output that was no UTF-8, becomes a question mark.
        paths[-1].write_text(page(row, assignments[row.assignment]), encoding="utf-8", errors="replace")
    return paths


def page(row: Row, assignment: Assignment) -> str:
    """The page of one row."""
    return rendered("feedback.html", row=row, sections=sections(row, assignment))


def file_name(text: str) -> str:
    """A name for a file or folder that holds no separator, is not hidden, and differs for each text.

    >>> file_name("ann"), file_name("../ann")
    ('ann', '%2E.%2Fann')
    """
    # "%" alone stands for the empty name: no other text gives it, since quote() escapes a "%" as "%25".
    name = quote(text, safe="@+ ", errors="replace") or "%"
    name = f"%2E{name[1:]}" if name.startswith(".") else name
    if len(name) <= MAX_NAME_LENGTH:
        return name
    return f"{name[: MAX_NAME_LENGTH - 17]}-{sha256(text.encode(errors='replace')).hexdigest()[:16]}"
