"""The one model of a lab, for grading and for proving: its cells by role, its exercises, and their checks.

A lab is a notebook with nbgrader's metadata. A solution cell (`solution: true`) opens an exercise; the check cells
(`grade: true`) up to the next solution cell grade it. An exercise depends on the *light cells* and on nothing else that
the lesson computed: parameters, the import cell, cells tagged `exercise-setup`, solutions and checks.

Source: nbgrader, "Creating assignments": the cell metadata, and the marker comments around solutions and hidden tests.
"""

import ast
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grader.records import CheckResult
from utils.errors import CourseError
from utils.runtime import project_root

BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
PARAMETERS_TAG, SETUP_TAG = "parameters", "exercise-setup"
PROFILE_LINE = re.compile(r"^PROFILE = .*$", re.MULTILINE)


def _region(begin: str, end: str) -> re.Pattern:
    return re.compile(rf"^ *{begin}.*?^ *{end}\n?", re.MULTILINE | re.DOTALL)


SOLUTION_REGION = _region(BEGIN_SOLUTION, END_SOLUTION)
HIDDEN_REGION = _region(BEGIN_HIDDEN, END_HIDDEN)


@dataclass(frozen=True)
class Check:
    """One check cell. name: its grade_id. title: what its docstring names. visible: the part that students see."""

    name: str
    points: float
    title: str
    source: str
    visible: str


@dataclass(frozen=True)
class Exercise:
    """A solution cell that defines one function, and the checks that grade it. name: the solution's grade_id."""

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
    notebook: NotebookNode

    @property
    def points(self) -> float:
        """Of all exercises."""
        return sum(exercise.points for exercise in self.exercises)


def read(path: Path) -> Assignment:
    """The assignment of a solved lab. Raises CourseError for a lab without exercises."""
    notebook = nbformat.read(path, as_version=4)
    # Only graded answers run under this profile: a lab may then skip work that no exercise needs.
    setup = tuple((cell.id, PROFILE_LINE.sub('PROFILE = "grade"', cell.source)) for cell in setup_cells(notebook))
    exercises = tuple(_exercise(solution, checks) for solution, checks in exercise_cells(notebook))
    if not exercises:
        raise CourseError(f"{path.name} should hold graded exercises, but has none: name a graded lab.")
    return Assignment(path.stem, setup, exercises, notebook)


def graded_paths(root: Path | None = None) -> list[Path]:
    """The graded notebook of each lab of the checkout, labs/NN_topic/NN_topic.ipynb, sorted."""
    paths = ((root or project_root()) / "labs").glob("*/*.ipynb")
    return sorted(path for path in paths if path.stem == path.parent.name)


def graded_names(root: Path | None = None) -> list[str]:
    """NN_topic of every graded lab of the checkout."""
    return [path.stem for path in graded_paths(root)]


def by_name(name: str, root: Path | None = None) -> Assignment:
    """The lab of that name. Raises CourseError for one that does not exist."""
    path = (root or project_root()) / "labs" / name / f"{name}.ipynb"
    if not path.exists():
        known = ", ".join(graded_names(root))
        raise CourseError(f"The assignment must be one of {known}, but {name!r} came: correct it.")
    return read(path)


def digest(assignment: Assignment) -> str:
    """SHA-256 of the solved lab, with its hidden checks."""
    return hashlib.sha256(nbformat.writes(assignment.notebook).encode()).hexdigest()


def zero_on_all(assignment: Assignment, hint: str) -> tuple[CheckResult, ...]:
    """No points on any check, all for one reason."""
    return tuple(zero(check, hint) for exercise in assignment.exercises for check in exercise.checks)


def zero(check: Check, hint: str) -> CheckResult:
    """No points on one check."""
    return CheckResult(check.name, check.title, 0.0, check.points, hint)


def is_solution(cell: NotebookNode) -> bool:
    """Whether a learner writes this cell."""
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def is_check(cell: NotebookNode) -> bool:
    """Whether this cell gives points."""
    return cell.metadata.get("nbgrader", {}).get("grade", False)


def grade_id(cell: NotebookNode) -> str:
    """nbgrader's name of a solution or check cell."""
    return cell.metadata.nbgrader.grade_id


def tags(cell: NotebookNode) -> list[str]:
    """The cell's tags, [] where it has none."""
    return list(cell.metadata.get("tags", []))


def import_cell(notebook: NotebookNode) -> NotebookNode | None:
    """The first code cell that imports at its top level."""
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    return next((cell for cell in code if _imports(cell.source)), None)


def setup_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Parameters, the import cell, and cells tagged exercise-setup, in the lab's order."""
    return [cell for cell in light_cells(notebook) if not is_solution(cell) and not is_check(cell)]


def light_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The setup cells, solutions and checks, in the lab's order: all that an exercise may depend on."""
    imports, depended_on = import_cell(notebook), {PARAMETERS_TAG, SETUP_TAG}
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and (cell is imports or is_solution(cell) or is_check(cell) or depended_on & set(tags(cell)))
    ]


def exercise_cells(notebook: NotebookNode) -> list[tuple[NotebookNode, list[NotebookNode]]]:
    """Each solution cell with its check cells, in order; a check before any solution belongs to none."""
    groups: list[tuple[NotebookNode, list[NotebookNode]]] = []
    for cell in notebook.cells:
        if is_solution(cell):
            groups.append((cell, []))
        elif is_check(cell) and groups:
            groups[-1][1].append(cell)
    return groups


def solved_function(source: str) -> str:
    """The name of the function that a solution cell defines."""
    return next(node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))


def without_solution(source: str) -> str:
    """A solution cell's source without what stands between the markers."""
    return SOLUTION_REGION.sub("", source)


def without_hidden(source: str) -> str:
    """A check cell's source as students see it."""
    return HIDDEN_REGION.sub("", source)


def _imports(source: str) -> bool:
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # a magic, which lab rules forbid, is no import cell
        return False
    return any(isinstance(node, ast.Import | ast.ImportFrom) for node in statements)


def _exercise(solution: NotebookNode, checks: list[NotebookNode]) -> Exercise:
    function = solved_function(solution.source)
    return Exercise(grade_id(solution), solution.id, function, tuple(map(_check, checks)))


def _check(cell: NotebookNode) -> Check:
    title = ast.get_docstring(ast.parse(cell.source)) or ""
    points = float(cell.metadata.nbgrader.points)
    return Check(grade_id(cell), points, title, cell.source, without_hidden(cell.source))
