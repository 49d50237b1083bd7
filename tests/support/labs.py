"""What tests add to the model of a lab in `grader.assignment`: where labs stand, their headings, sections and opening.

A lab is labs/NN_topic/NN_topic.ipynb; a folder may hold NN_topic_more.ipynb beside it, ungraded.
"""

import ast
from dataclasses import dataclass
from pathlib import Path

import nbformat

from grader import assignment

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Lab:
    """A notebook of the course and where it stands in the checkout."""

    path: Path
    notebook: nbformat.NotebookNode

    @property
    def name(self) -> str:
        """NN_topic: the name of chapter, folder, notebook and assignment."""
        return self.path.parent.name

    @property
    def is_graded(self) -> bool:
        return self.path.stem == self.name

    @property
    def chapter(self) -> Path:
        return self.path.parents[2] / "book" / f"{self.name}.md"

    @property
    def cells(self) -> list[nbformat.NotebookNode]:
        return self.notebook.cells

    @property
    def code(self) -> list[nbformat.NotebookNode]:
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @property
    def markdown(self) -> list[nbformat.NotebookNode]:
        return [cell for cell in self.cells if cell.cell_type == "markdown"]


def paths(root: Path = ROOT) -> list[Path]:
    """Every notebook under labs/, sorted; checkpoints are not labs."""
    return sorted(root.glob("labs/*/*.ipynb"))


def read(path: Path) -> Lab:
    return Lab(path, nbformat.read(path, as_version=4))


def tagged(lab: Lab, tag: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in lab.cells if tag in assignment.tags(cell)]


def syntax(cell) -> ast.Module | None:
    """The cell parsed as plain Python; None when it is not, as with a magic."""
    try:
        return ast.parse(cell.source)
    except SyntaxError:
        return None


def headings(lab: Lab) -> list[str]:
    """Texts of the level-2 headings, in order."""
    lines = [line for cell in lab.markdown for line in cell.source.splitlines()]
    return [line.removeprefix("## ").strip() for line in lines if line.startswith("## ")]


def section(lab: Lab, heading: str) -> list[nbformat.NotebookNode]:
    """The cells from the one that holds `## heading` up to the next level-2 heading."""
    inside, found = False, []
    for cell in lab.cells:
        lines = cell.source.splitlines() if cell.cell_type == "markdown" else []
        if any(line.startswith("## ") for line in lines):
            inside = f"## {heading}" in [line.strip() for line in lines]
        if inside:
            found.append(cell)
    return found


def opening(lab: Lab) -> list[nbformat.NotebookNode]:
    """The cells before the first code cell: title, question, objectives, box."""
    first_code = next((index for index, cell in enumerate(lab.cells) if cell.cell_type == "code"), len(lab.cells))
    return lab.cells[:first_code]
