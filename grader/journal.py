"""Rows on disk as they come: what was graded stays graded, whatever happens next.

A file that only grows, one JSON object per line. A row is written, flushed and synced before the next one is awaited.
So after a crash, a kill -9 or a power cut at most the line being written is lost, and a line without its end is known
by that. The key beside a row says what it was made from: where a submission, its lab or the private checks have
changed, the key differs, and the submission is graded again.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from grader.records import CheckResult, Row


class Journal:
    """A file of one JSON row per line; the last one counts for each student and assignment.

    A line that was cut off by a crash is dropped, and that submission runs again.
    """

    def __init__(self, path: Path):
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows: dict[tuple[str, str], tuple[str, Row]] = {}
        for line in _complete_lines(path):
            entry = json.loads(line)
            # Later lines replace earlier ones: a submission that was graded again has two.
            row = _row(entry["row"])
            self.rows[row.student, row.assignment] = entry["key"], row
        self._file = path.open("a", encoding="utf-8")

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_) -> None:
        self._file.close()

    def key(self, student: str, assignment: str) -> str:
        """What the row that is there was made from, "" where there is none."""
        return self.rows.get((student, assignment), ("", None))[0]

    def add(self, key: str, row: Row) -> None:
        """Write a row through to the disk."""
        # ASCII: json escapes all else, so a line end inside a text, or half a character, cannot break the line.
        self._file.write(json.dumps({"key": key, "row": asdict(row)}) + "\n")
        self._file.flush()
        # flush() hands the line to the kernel, which outlives this process; fsync() to the disk, which outlives both.
        os.fsync(self._file.fileno())
        self.rows[row.student, row.assignment] = key, row

    def of(self, pairs: Iterable[tuple[str, str]]) -> list[Row]:
        """The rows of these students and assignments, in order."""
        return [self.rows[pair][1] for pair in pairs if pair in self.rows]


def _complete_lines(path: Path) -> list[str]:
    """The complete lines; a broken end is cut off the file, so that the next row starts a line."""
    if not path.exists():
        return []
    content = path.read_bytes()
    complete = content[: content.rfind(b"\n") + 1]
    if len(complete) < len(content):
        with path.open("r+b") as file:
            file.truncate(len(complete))
    # The one line end that `add` writes; splitlines() knows a dozen.
    return [line for line in complete.decode("utf-8").split("\n") if line]


def _row(fields: dict) -> Row:
    # JSON has no tuples: lists are turned back, since a Row is compared with others.
    results = tuple(CheckResult(**result) for result in fields.pop("results"))
    fingerprints = tuple((exercise, fingerprint) for exercise, fingerprint in fields.pop("fingerprints"))
    return Row(results=results, repairs=tuple(fields.pop("repairs")), fingerprints=fingerprints, **fields)
