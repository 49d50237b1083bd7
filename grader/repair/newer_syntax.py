"""Code in the syntax of a newer Python than the one that grades: right where it was written, and no Python here.

Told apart from wrong syntax by ruff, whose parser knows all versions and says since when each construct exists. parso,
which comes with IPython, knows neither nested quotes in f-strings (3.12) nor `match` (3.10).

Source: ruff, "Version-related syntax errors"; PEP 695 and 701 (3.12), 696 (3.13), 750 and 758 (3.14).
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from nbformat import NotebookNode

from grader.assignment import Assignment
from grader.records import Rebuilt
from grader.repair import source_code
from grader.repair.source_code import opening

RUNNING = sys.version_info[:2]
SINCE = re.compile(r"\(syntax was added in Python 3\.(\d+)\)")
MAGIC = re.compile(r"^([ \t]*)[%!].*", re.MULTILINE)
# Each asks a program for some hundredths of a second: a submission of thousands of broken cells must not take minutes.
MAX_ASKED, TIMEOUT_S = 10, 3


def told(rebuilt: Rebuilt, assignment: Assignment, notebook: NotebookNode) -> Rebuilt:
    """The same, in which exercises in newer syntax are lost for that reason, and other cells in it are named.

    notebook: as submitted. Of a cell that cannot be read as a whole an exercise's function may have been kept: where it
    misses what else stood there, its author must be able to see why.
    """
    exercises = {exercise.cell_id for exercise in assignment.exercises}
    answers = [(cell_id, source) for cell_id, source in _unparsed(rebuilt.cells) if cell_id in exercises]
    found = needed(answers)
    lost = ((cell_id, sentence(version)) for cell_id, version in found.items())
    shown = {source for cell_id, source in answers if cell_id in found}
    numbered = ((str(place), cell.source) for place, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    others = [(place, source) for place, source in _unparsed(numbered) if source not in shown]
    named = needed(others)
    repairs = (f"{opening(source)!r}: {sentence(named[place])}" for place, source in others if place in named)
    return replace(rebuilt, repairs=(*rebuilt.repairs, *repairs), lost=(*rebuilt.lost, *lost))


def _unparsed(cells: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(cell_id, source) for cell_id, source in cells if source_code.parsed(source) is None]


def accepted_by(notebook: NotebookNode) -> tuple[int, int]:
    """The newest Python whose syntax the grader of a released notebook reads; of one not released, this one."""
    recorded = notebook.metadata.get("grader", {}).get("python")
    return tuple(map(int, recorded.split("."))) if recorded else RUNNING


def needed(cells: Iterable[tuple[str, str]], accepted: tuple[int, int] = RUNNING) -> dict[str, tuple[int, int]]:
    """The Python that each cell needs, by id; only of cells, (id, source), that need a newer one than `accepted`."""
    asked = [cell for cell in cells if len(cell[1]) <= source_code.MAX_PARSED_CHARACTERS][:MAX_ASKED]
    found = {cell_id: _version(source, accepted) for cell_id, source in asked}
    return {cell_id: version for cell_id, version in found.items() if version}


def sentence(version: tuple[int, int], accepted: tuple[int, int] = RUNNING) -> str:
    """What a student reads about it."""
    return f"This cell uses syntax of Python {text(version)}; it is graded with Python {text(accepted)}."


def text(version: tuple[int, int]) -> str:
    """A version as it is written.

    >>> text((3, 11))
    '3.11'
    """
    return ".".join(map(str, version))


@lru_cache(maxsize=512)
def _version(source: str, accepted: tuple[int, int]) -> tuple[int, int] | None:
    """None where `accepted` reads it, and where no Python does."""
    # IPython's lines are no Python of any version, and say nothing about the others.
    python = MAGIC.sub(r"\1pass", source)
    if accepted >= RUNNING and source_code.parsed(python) is not None:
        return None
    since = [SINCE.search(fault) for fault in _faults(python, accepted)]
    return (3, max(int(match[1]) for match in since)) if since and all(since) else None


def _faults(source: str, accepted: tuple[int, int]) -> list[str]:
    target = f"py{accepted[0]}{accepted[1]}"
    options = ["--isolated", "--no-cache", "--target-version", target, "--select", "E9", "--output-format", "json"]
    # As a module of this interpreter: its program need not be on the PATH.
    command = [sys.executable, "-m", "ruff", "check", *options, "-"]
    try:
        data = source.encode(errors="replace")
        completed = subprocess.run(command, input=data, capture_output=True, timeout=TIMEOUT_S)
        return [fault["message"] for fault in json.loads(completed.stdout)]
    # A parser brought down by nesting, or no ruff: then it is wrong syntax as before.
    except (subprocess.TimeoutExpired, OSError, ValueError):
        return []
