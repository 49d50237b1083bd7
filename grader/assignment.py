"""One graded lab as the instructor's files hold it: setup, exercises, and the checks that stay on this side."""

import ast
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from grader.records import CheckResult
from utils.errors import CourseError
from utils.runtime import project_root

PROFILE = re.compile(r"^PROFILE = .*$", re.MULTILINE)
SETUP_TAGS = {"parameters", "exercise-setup"}
SOLUTION = re.compile(r"^ *### BEGIN SOLUTION.*?^ *### END SOLUTION\n?", re.MULTILINE | re.DOTALL)
HIDDEN = re.compile(r"^ *### BEGIN HIDDEN TESTS.*?^ *### END HIDDEN TESTS\n?", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Check:
    """One check cell. title: what its docstring names. visible: the part that students see."""

    name: str
    points: float
    title: str
    source: str
    visible: str


@dataclass(frozen=True)
class Exercise:
    """A solution cell that defines one function, and the checks that grade it."""

    name: str
    cell_id: str
    function: str
    checks: tuple[Check, ...]

    @property
    def points(self) -> float:
        """Of all its checks."""
        return sum(check.points for check in self.checks)


@dataclass(frozen=True)
class Assignment:
    """A lab by its name NN_topic.

    setup: (cell id, source) of what exercises depend on, under profile `grade`. notebook: the solved lab.
    """

    name: str
    setup: tuple[tuple[str, str], ...]
    exercises: tuple[Exercise, ...]
    notebook: nbformat.NotebookNode

    @property
    def points(self) -> float:
        """Of all exercises."""
        return sum(exercise.points for exercise in self.exercises)


def read(path: Path) -> Assignment:
    """The assignment of a solved lab. Raises CourseError for a lab without exercises."""
    notebook = nbformat.read(path, as_version=4)
    setup = tuple((cell.id, PROFILE.sub('PROFILE = "grade"', cell.source)) for cell in _setup(notebook))
    found = tuple(_exercises(notebook))
    if not found:
        raise CourseError(f"{path.name} should hold graded exercises, but has none: name a graded lab.")
    return Assignment(path.stem, setup, found, notebook)


def names(root: Path | None = None) -> list[str]:
    """Every graded lab of the checkout."""
    return sorted(path.stem for path in ((root or project_root()) / "labs").glob("*/*.ipynb") if _graded(path))


def named(name: str, root: Path | None = None) -> Assignment:
    """The lab of that name. Raises CourseError for one that does not exist."""
    path = (root or project_root()) / "labs" / name / f"{name}.ipynb"
    if not path.exists():
        raise CourseError(f"The assignment must be one of {', '.join(names(root))}, but {name!r} came: correct it.")
    return read(path)


def digest(assignment: Assignment) -> str:
    """SHA-256 of the solved lab, with its hidden checks."""
    return hashlib.sha256(nbformat.writes(assignment.notebook).encode()).hexdigest()


def nothing(assignment: Assignment, hint: str) -> tuple[CheckResult, ...]:
    """No points on any check, all for one reason."""
    return tuple(refused(check, hint) for exercise in assignment.exercises for check in exercise.checks)


def refused(check: Check, hint: str) -> CheckResult:
    """No points on one check."""
    return CheckResult(check.name, check.title, 0.0, check.points, hint)


def is_solution(cell) -> bool:
    """Whether a learner writes this cell."""
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def is_check(cell) -> bool:
    """Whether this cell gives points."""
    return cell.metadata.get("nbgrader", {}).get("grade", False)


def _graded(path: Path) -> bool:
    return path.stem == path.parent.name


def _setup(notebook) -> list:
    """Parameters, the import cell, and cells tagged exercise-setup, in the lab's order."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    imports = next((cell for cell in code if re.search(r"^(import|from) ", cell.source, re.MULTILINE)), None)
    return [
        cell
        for cell in code
        if not is_solution(cell)
        and not is_check(cell)
        and (cell is imports or SETUP_TAGS & set(cell.metadata.get("tags", [])))
    ]


def _exercises(notebook) -> list[Exercise]:
    groups: list[tuple] = []
    for cell in notebook.cells:
        if is_solution(cell):
            groups.append((cell, []))
        elif is_check(cell) and groups:
            groups[-1][1].append(_check(cell))
    return [
        Exercise(cell.metadata.nbgrader.grade_id, cell.id, _function(cell.source), tuple(checks))
        for cell, checks in groups
    ]


def _function(source: str) -> str:
    """The function a solution cell defines."""
    return next(node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))


def _check(cell) -> Check:
    meta, title = cell.metadata.nbgrader, ast.get_docstring(ast.parse(cell.source)) or ""
    return Check(meta.grade_id, float(meta.points), title, cell.source, HIDDEN.sub("", cell.source))
