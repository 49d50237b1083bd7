"""What the site is built from: a copy of the book and of the labs, in which a lab is what students get.

So no solution and no hidden check is in a page, in a download, or in what a page keeps of its source. The instructor's
site has the labs as they are.
"""

import html
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat

from grader import assignment
from grader.assignment import HIDDEN_REGION, SOLUTION_REGION
from grader.student import release

COPIED = ("_config.yml", "_toc.yml", "book", "labs")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
# A shorter line, such as `return total`, may stand anywhere.
SHORTEST = 24
# A cell with this tag is folded.
FOLDED = "hide-input"
TAG = re.compile(r"<[^>]*>")


def write(root: Path, build: Path, solutions: bool = False) -> Path:
    """Copy the sources of the course into `build`; returns their folder. solutions: leave them in the labs."""
    folder = build / "sources"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in COPIED:
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name, ignore=LEFT_OUT)
        elif (root / name).exists():
            shutil.copy(root / name, folder / name)
    if not solutions:
        for path in assignment.graded_paths(folder):
            nbformat.write(_as_read(release.without_answers(nbformat.read(path, as_version=4))), path)
    return folder


def _as_read(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A released lab for the page: what the reader should write is open, and the fold of a check says what it holds."""
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if assignment.is_solution(cell) and FOLDED in tags:
            cell.metadata.tags = [tag for tag in tags if tag != FOLDED]
        elif assignment.is_check(cell) and FOLDED in tags:
            cell.metadata.mystnb = {"code_prompt_show": "Show the check", "code_prompt_hide": "Hide the check"}
    return notebook


def answers(root: Path) -> set[str]:
    """The lines of every solution and hidden check that stand nowhere in what is public: pages, labs, utils.

    Lines below SHORTEST characters are left out.
    """
    found, public, graded = set(), set(), assignment.graded_paths(root)
    for path in root.glob("labs/*/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        if path in graded:
            for cell in notebook.cells:
                for region in (SOLUTION_REGION, HIDDEN_REGION):
                    found |= _lines("".join(region.findall(cell.source)))
            notebook = release.without_answers(notebook)
        public |= _lines(_sources(notebook))
    for path in [*root.glob("book/**/*.md"), *root.glob("utils/**/*.py"), *root.glob("labs/**/*.py")]:
        public |= _lines(path.read_text(encoding="utf-8"))
    return {line for line in found - public if len(line) >= SHORTEST}


def given_away(site: Path, secret: set[str]) -> Iterator[str]:
    """A sentence for each file of a site that holds one of these lines."""
    for path in sorted(site.rglob("*")):
        if path.suffix in (".html", ".ipynb", ".md", ".txt", ".py", ".js", ".json"):
            shown = sorted(_lines(_text(path)) & secret)
            if shown:
                name = path.relative_to(site).as_posix()
                yield f"{name}: shows {len(shown)} lines of solutions or hidden checks, such as {shown[0]!r}."


def _text(path: Path) -> str:
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".html":
        return html.unescape(TAG.sub("", text))
    if path.suffix == ".ipynb":
        return _sources(nbformat.from_dict(json.loads(text)))
    return text


def _sources(notebook: nbformat.NotebookNode) -> str:
    return "\n".join("".join(cell["source"]) for cell in notebook.cells)


def _lines(text: str) -> set[str]:
    return {" ".join(line.split()) for line in text.splitlines()}
