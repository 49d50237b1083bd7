"""A Sphinx extension for the syllabus: the directive `syllabus` lists book/syllabus.yml with links into the book.

An item's id is a target in the chapter that teaches it, so a link `#<id>` lands there.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints
from sphinx.util.docutils import SphinxDirective

from tools.site.sphinx import chapters, records
from tools.site.sphinx.records import Record, Text

FILE = "book/syllabus.yml"
ID = re.compile(r"^c\d\d-[a-z0-9]+(-[a-z0-9]+)*$")
Taught = dict[int, dict[str, str]]  # {number of a chapter that exists: {target: title of its section}}


class Group(Record):
    """Items taught by one chapter, or by several together: {id: title}."""

    chapters: Annotated[list[int], Field(min_length=1)]
    title: Text
    items: Annotated[dict[Annotated[str, StringConstraints(pattern=ID.pattern)], Text], Field(min_length=1)]

    @property
    def numbers(self) -> list[str]:
        """The chapters as the book writes them: 02."""
        return [f"{number:02d}" for number in self.chapters]


def read(path: Path) -> list[Group]:
    """The groups in order. Raises RecordError, also for an id that is malformed or comes twice."""
    groups = records.read(path, Group)
    records.require_unique(path, [name for group in groups for name in group.items])
    return groups


def taught(root: Path) -> Taught:
    """The targets of every chapter that exists."""
    return {
        number: chapters.targets(path.read_text(encoding="utf-8")) for number, path in chapters.written(root).items()
    }


def faults(groups: list[Group], there: Taught) -> Iterator[str]:
    """A sentence for each item without a target, and for each target that is no item of its chapter."""
    for group in groups:
        if set(group.chapters) <= there.keys():
            found = {name for number in group.chapters for name in there[number]}
            for name in group.items.keys() - found:
                yield f"Chapter {' or '.join(group.numbers)} has no target ({name})=."
    for number, targets in there.items():
        known = {name for group in groups if number in group.chapters for name in group.items}
        for name in targets.keys() - known:
            if ID.fullmatch(name):
                yield f"Chapter {number:02d} has the target ({name})=, which is none of its items in {FILE}."


def section(root: Path, group: Group, there: Taught) -> str:
    """One group in Markdown: sections with their items, as far as they are written, then which chapters are not."""
    homes = {name: number for number in group.chapters for name in there.get(number, ())}
    written = [(name, title) for name, title in group.items.items() if name in homes]
    # A section stands once, where its first item does.
    sections: dict[tuple[int, str], list[tuple[str, str]]] = {}
    for name, title in written:
        number = homes[name]
        sections.setdefault((number, there[number][name]), []).append((name, title))
    rows = [row(title, items) for (_, title), items in sections.items()]
    head = ["| section | items |", "|---|---|"] if rows else []
    links = [link for number in group.chapters if (link := lab_link(root, number))]
    missing = [f"Chapter {number:02d} is not written yet." for number in group.chapters if number not in there]
    heading = f"### {' and '.join(group.numbers)} {group.title}"
    return "\n".join([heading, "", *head, *rows, "", " ".join([*links, *missing])])


def row(title: str, items: list[tuple[str, str]]) -> str:
    """One section of the book, with its items, each a link to the place that teaches it."""
    return f"| [{title}](#{items[0][0]}) | {' · '.join(f'[{words}](#{name})' for name, words in items)} |"


def lab_link(root: Path, number: int) -> str:
    """A sentence that leads to the lab of a chapter, if it has one."""
    topic = path.stem if (path := chapters.written(root).get(number)) else ""
    lab = f"labs/{topic}/{topic}.ipynb"
    return f"Tried in [lab {number:02d}](/{lab})." if (root / lab).is_file() else ""


class SyllabusDirective(SphinxDirective):
    """The whole syllabus, a section for each group."""

    def run(self):
        root = Path(self.env.srcdir)
        for path in (root / FILE, *chapters.written(root).values()):
            self.env.note_dependency(str(path))
        try:
            groups = read(root / FILE)
        except records.RecordError as fault:
            raise self.error(str(fault)) from None
        there = taught(root)
        text = "\n\n".join(section(root, group, there) for group in groups)
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app) -> dict:
    """Register the directive."""
    app.add_directive("syllabus", SyllabusDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
