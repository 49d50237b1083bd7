"""Limits every notebook under labs/ keeps, graded or not: size, rhythm, hygiene, figures."""

import ast
import re
from collections.abc import Iterator
from itertools import groupby
from statistics import median

from grader import assignment
from tests.support import labs
from tests.support.labs import Lab

MOST_CELLS, MOST_CODE_CELLS, MOST_IN_A_ROW = 70, 36, 3
MEDIAN_LINES, LONGEST, LONGEST_LESSON, LONGEST_TEXT = 8, 25, 40, 12
MOST_BYTES = 100 * 1024
SHORTEST_ALT = 30
# No `raises-exception`: papermill exits with 1 after such a cell, and Run All stops there. See checks.breaks.
TAGS = {"parameters", "hide-input", "exercise-setup", "long-cell"}
BANNED = re.compile(r"^\s*[!%]|\bwget\b|\bcurl\b|pip install|filterwarnings|simplefilter|base64", re.MULTILINE)


def names(lab: Lab) -> Iterator[str]:
    if not re.fullmatch(r"\d\d_[a-z]+", lab.name) or lab.path.stem not in (lab.name, f"{lab.name}_more"):
        yield f"a lab is labs/NN_topic/NN_topic.ipynb, or NN_topic_more.ipynb, but {lab.path.name} came"


def counts(lab: Lab) -> Iterator[str]:
    if len(lab.cells) > MOST_CELLS:
        yield f"at most {MOST_CELLS} cells, but {len(lab.cells)} came"
    if len(lab.code) > MOST_CODE_CELLS:
        yield f"at most {MOST_CODE_CELLS} code cells, but {len(lab.code)} came"
    if lab.path.stat().st_size > MOST_BYTES:
        yield f"at most {MOST_BYTES} bytes, but {lab.path.stat().st_size} came"


def lengths(lab: Lab) -> Iterator[str]:
    middle = median(_lines(cell) for cell in lab.code) if lab.code else 0
    if middle > MEDIAN_LINES:
        yield f"the median code cell has at most {MEDIAN_LINES} lines, but {middle} came"
    for cell in lab.cells:
        most = LONGEST_TEXT if cell.cell_type == "markdown" else LONGEST
        if "long-cell" in assignment.tags(cell):
            most = LONGEST_LESSON
        if _lines(cell) > most:
            yield f"at most {most} lines, but {_lines(cell)} came: {cell.source.splitlines()[0]!r}"


def _lines(cell) -> int:
    return len(cell.source.splitlines())


def rhythm(lab: Lab) -> Iterator[str]:
    for kind, group in groupby(lab.cells, key=lambda cell: cell.cell_type):
        run = list(group)
        if kind == "code" and len(run) > MOST_IN_A_ROW:
            yield f"at most {MOST_IN_A_ROW} code cells in a row, but {len(run)} from {run[0].source.splitlines()[0]!r}"


def no_outputs(lab: Lab) -> Iterator[str]:
    for cell in lab.code:
        if cell.outputs or cell.execution_count is not None:
            yield f"no outputs or counts in git: {cell.source.splitlines()[0]!r}"


def plain_python(lab: Lab) -> Iterator[str]:
    for cell in lab.code:
        found = BANNED.search(cell.source)
        if found:
            yield f"{found[0].strip()!r} has no place in a lab: {cell.source.splitlines()[0]!r}"
        elif labs.syntax(cell) is None or not cell.source.strip():
            yield f"every code cell must be plain Python and not empty: {cell.source!r}"
    for cell in lab.markdown:
        if "base64" in cell.source or cell.get("attachments"):
            yield "no embedded files in prose"


def known_tags(lab: Lab) -> Iterator[str]:
    for cell in lab.cells:
        unknown = set(assignment.tags(cell)) - TAGS
        if unknown:
            yield f"unknown tag {', '.join(sorted(unknown))}; the tags are {', '.join(sorted(TAGS))}"


def kernel(lab: Lab) -> Iterator[str]:
    spec = lab.notebook.metadata.get("kernelspec", {})
    if (spec.get("name"), spec.get("language")) != ("python3", "python"):
        yield f"the kernelspec must be python3 with language python, but {dict(spec)} came"
    if lab.notebook.nbformat_minor < 5:
        yield "cells need ids: save as nbformat 4.5 or newer"


def figures(lab: Lab) -> Iterator[str]:
    for cell in lab.markdown:
        if "![" in cell.source or "<img" in cell.source:
            yield "figures are drawn by code, not pasted into prose"
    for cell in lab.code:
        if re.search(r"\bmatplotlib\b|\bplt\.|\bpyplot\b|\.savefig\(", cell.source):
            yield f"figures come only from utils.plotting: {cell.source.splitlines()[0]!r}"
        yield from _figure_faults(labs.syntax(cell))


def _figure_faults(tree: ast.Module | None) -> Iterator[str]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree else []
    made = [call for call in calls if ast.unparse(call.func) == "plotting.new"]
    shown = [call for call in calls if ast.unparse(call.func) == "plotting.show"]
    if len(made) != len(shown):
        yield f"a cell that makes a figure shows it with plotting.show, but {len(made)} made and {len(shown)} shown"
    for call in shown:
        if _alt_length(call) < SHORTEST_ALT:
            yield f"plotting.show needs alt text of {SHORTEST_ALT} written characters in the call: {ast.unparse(call)}"


def _alt_length(call: ast.Call) -> int:
    """Characters written in the alt text; what an f-string fills in does not count."""
    given = [*call.args[1:2], *(keyword.value for keyword in call.keywords if keyword.arg == "alt")]
    # A text computed elsewhere cannot be measured here, so only what stands in the call counts.
    parts = [part for value in given for part in (value.values if isinstance(value, ast.JoinedStr) else [value])]
    return sum(len(part.value) for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))


RULES = (names, counts, lengths, rhythm, no_outputs, plain_python, known_tags, kernel, figures)
