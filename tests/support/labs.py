"""Labs as the tests see them: cells by tag, by section, by exercise.

A lab is labs/NN_topic/NN_topic.ipynb; a folder may hold NN_topic_more.ipynb beside it, ungraded.
An exercise is a solution cell (nbgrader: solution) and the check cells (nbgrader: grade) up to the next one.
Its *light cells* are all it may depend on: parameters, imports, `exercise-setup`, solutions, checks.
"""

import ast
from dataclasses import dataclass
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


@dataclass(frozen=True)
class Exercise:
    """One solution cell and the cells that grade it."""

    solution: nbformat.NotebookNode
    checks: tuple[nbformat.NotebookNode, ...]


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


def graded_paths(root: Path = ROOT) -> list[Path]:
    return [path for path in paths(root) if path.stem == path.parent.name]


def read(path: Path) -> Lab:
    return Lab(path, nbformat.read(path, as_version=4))


def tags(cell) -> list[str]:
    return list(cell.metadata.get("tags", []))


def tagged(lab: Lab, tag: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in lab.cells if tag in tags(cell)]


def grade_id(cell) -> str:
    return cell.metadata.nbgrader.grade_id


def is_solution(cell) -> bool:
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def is_check(cell) -> bool:
    return cell.metadata.get("nbgrader", {}).get("grade", False)


def exercises(lab: Lab) -> tuple[Exercise, ...]:
    """The lab's exercises in order; a check before any solution belongs to none and is left out."""
    groups: list[tuple] = []
    for cell in lab.cells:
        if is_solution(cell):
            groups.append((cell, []))
        elif is_check(cell) and groups:
            groups[-1][1].append(cell)
    return tuple(Exercise(solution, tuple(checks)) for solution, checks in groups)


def syntax(cell) -> ast.Module | None:
    """The cell parsed as plain Python; None when it is not, as with a magic."""
    try:
        return ast.parse(cell.source)
    except SyntaxError:
        return None


def has_import(cell) -> bool:
    tree = syntax(cell)
    return tree is not None and any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree))


def import_cells(lab: Lab) -> list[nbformat.NotebookNode]:
    return [cell for cell in lab.code if has_import(cell)]


def light_cells(lab: Lab) -> list[nbformat.NotebookNode]:
    """The cells an exercise may depend on, in the lab's order."""
    first_import = import_cells(lab)[:1]
    return [
        cell
        for cell in lab.code
        if {"parameters", "exercise-setup"} & set(tags(cell))
        or cell in first_import
        or is_solution(cell)
        or is_check(cell)
    ]


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
