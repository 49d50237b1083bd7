"""What the sources tell about each chapter and its lab: question, objectives, minutes, points, and what comes before.

A chapter opens with its question. A lab opens with its question, three objectives, and a line that says how long it
takes and what it needs. Only the order of the chapters is a file of its own, book/plan.yml.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import yaml

from grader import assignment
from tools.site.sphinx import chapters, records
from tools.site.sphinx.records import Record

FILE = "book/plan.yml"
# Reading: words of a text that asks for thought, and a look at a cell of code and its output.
WORDS_A_MINUTE, CELLS_A_MINUTE, ROUNDED_TO_MINUTES = 200, 2, 5
FENCE = re.compile(r"^(`{3,}|:{3,}).*?^\1\s*$", re.DOTALL | re.MULTILINE)
MARKUP = re.compile(r"\{[\w:]+\}`|\]\([^)]*\)|[#*`|$\\]")
NUMBERED = re.compile(r"^\d\d ")


class Step(Record):
    """One week: a chapter and its lab, after the chapters that it needs."""

    chapter: int
    needs: list[int]


@dataclass(frozen=True)
class Lab:
    """A graded lab, as its first cell and its checks describe it. needs: memory, network."""

    page: str
    title: str
    question: str
    objectives: tuple[str, ...]
    minutes: int
    needs: tuple[str, ...]
    exercises: int
    points: int


@dataclass(frozen=True)
class Chapter:
    """A chapter. minutes: to read it."""

    number: int
    page: str
    title: str
    question: str
    minutes: int
    needs: tuple[int, ...]
    lab: Lab | None


def read(root: Path) -> dict[int, Chapter]:
    """The chapters that exist, by number. Raises RecordError where book/plan.yml misses one or is out of order."""
    steps = {step.chapter: step for step in records.read(root / FILE, Step)} if (root / FILE).exists() else {}
    titles = dict(_titles(yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))))
    labs = {lab.page.rpartition("/")[2]: lab for lab in map(_lab, assignment.graded_paths(root))}
    found = {}
    for number, path in chapters.written(root).items():
        step = steps.get(number, Step(chapter=number, needs=[]))
        if steps and (number not in steps or any(other >= number for other in step.needs)):
            raise records.RecordError(f"{FILE}: chapter {number} must be there, and need only chapters before it.")
        text = path.read_text(encoding="utf-8")
        heading, question = _opening(text)
        title = NUMBERED.sub("", titles.get(f"book/{path.stem}", heading))
        needs = tuple(step.needs)
        found[number] = Chapter(number, f"book/{path.stem}", title, question, minutes(text), needs, labs.get(path.stem))
    return found


def _titles(toc: dict) -> Iterator[tuple[str, str]]:
    for value in toc.values():
        for entry in value if isinstance(value, list) else ():
            if "title" in entry:
                yield entry["file"], entry["title"]
            yield from _titles(entry)


def _opening(text: str) -> tuple[str, str]:
    """The title of a page and its first paragraph."""
    tokens = chapters.READER.parse(text)
    inline = [token.content for token in tokens if token.type == "inline"]
    return (inline[0], " ".join(inline[1].split())) if len(inline) > 1 else ("", "")


def minutes(text: str) -> int:
    """How long a page takes to read, from its words and cells, in whole fives.

    Example:
    >>> minutes("word " * 1100)
    5
    """
    prose = MARKUP.sub(" ", FENCE.sub("", text))
    cells = len(re.findall(r"^```\{code-cell\}", text, re.MULTILINE))
    exact = len(prose.split()) / WORDS_A_MINUTE + cells / CELLS_A_MINUTE
    return max(ROUNDED_TO_MINUTES, round(exact / ROUNDED_TO_MINUTES) * ROUNDED_TO_MINUTES)


def _lab(path: Path) -> Lab:
    notebook = nbformat.read(path, as_version=4)
    heading, *parts = notebook.cells[0].source.split("\n\n")
    objectives = [part for part in parts if part.startswith("- ")]
    box = next((part for part in parts if part.startswith("> ")), "> ")[2:]
    exercises = assignment.exercise_cells(notebook)
    return Lab(
        page=f"labs/{path.parent.name}/{path.stem}",
        title=heading.removeprefix("# ").partition(" · ")[2] or heading.removeprefix("# "),
        question=parts[0] if parts else "",
        objectives=tuple(line[2:].rstrip(";.") for line in "\n".join(objectives).splitlines()),
        minutes=int(re.match(r"\D*(\d*)", box)[1] or 0),
        needs=tuple(part.strip() for part in box.split("·")[1:] if "chapter" not in part),
        exercises=len(exercises),
        points=sum(check.metadata.nbgrader.points for _, checks in exercises for check in checks),
    )
