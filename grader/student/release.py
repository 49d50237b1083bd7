"""Student versions: per lab the notebook without solutions and hidden checks, and a zip that runs by itself.

nbgrader makes the notebook, and enters its checks into the gradebook. A cell is added that says how the lab is graded:
the points of each check, and the Python whose syntax is accepted, which the notebook's metadata hold too.

The zip adds what the notebook needs: the lab's own programs, `utils` with its assets, and the list of packages; and for
a look before handing in, this package and an untouched copy of the notebook.
"""

import copy
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from grader import assignment
from grader.assignment import Assignment
from grader.repair.newer_syntax import RUNNING, text
from grader.results.sanitize import number
from utils.errors import CourseError
from utils.runtime import project_root, write_atomically

START = """Install the packages once, then open the notebook, in this folder:

    python -m pip install -r requirements.txt
    python -m jupyterlab {name}.ipynb

Before you hand it in:

    python -m grader check {name}.ipynb
"""
EXCLUDED = {"__pycache__", ".ipynb_checkpoints"}


def write(names: Sequence[str], root: Path | None = None) -> list[Path]:
    """Make _build/release/NN_topic/ and _build/release/NN_topic.zip for each lab; returns the zips.

    Raises CourseError with nbgrader's last line when it refuses a lab.
    """
    root = root or project_root()
    return [_zip(name, _student_version(name, root), root) for name in names]


def without_answers(notebook: NotebookNode) -> NotebookNode:
    """A lab as students get it, by nbgrader's own steps: no solution, no hidden check, no output.

    Unlike a release it enters nothing into the gradebook, and does not say how the lab is graded.
    """
    # nbgrader takes a second to import, and only this needs it.
    from nbgrader.preprocessors import ClearHiddenTests, ClearOutput, ClearSolutions

    notebook = copy.deepcopy(notebook)
    for step in (ClearSolutions(), ClearHiddenTests(), ClearOutput()):
        notebook, _ = step.preprocess(notebook, {})
    return notebook


def _student_version(name: str, root: Path) -> Path:
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", name, "--force", "--create"]
    completed = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if completed.returncode:
        last_line = (completed.stderr.strip() or "nothing").splitlines()[-1]
        raise CourseError(f"nbgrader should make the student version of {name}, but it said: {last_line}")
    student = root / "_build" / "release" / name
    _say_how_it_is_graded(student / f"{name}.ipynb", assignment.by_name(name, root))
    return student


def write_course(path: Path, root: Path | None = None) -> None:
    """Make one zip of all labs for readers of the site: they share what the labs need, and lie side by side.

    The notebooks are made without nbgrader's gradebook, which only a class needs.
    """
    root, folder = root or project_root(), Path(path.stem)
    with write_atomically(path) as unfinished, zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in assignment.graded_paths(root):
            notebook = without_answers(nbformat.read(source, as_version=4))
            _add_how_it_is_graded(notebook, assignment.read(source))
            # Beside the student's copy lies one that stays as it is: see _zip.
            for place in (folder, folder / "labs" / source.stem):
                archive.writestr(str(place / source.name), nbformat.writes(notebook))
                for file in _files(source.parent):
                    if file != source:
                        archive.write(file, place / file.relative_to(source.parent))
        for package in ("utils", "grader"):
            for file in _files(root / package):
                archive.write(file, folder / file.relative_to(root))
        archive.writestr(f"{folder}/requirements.txt", (root / "requirements.lock").read_text(encoding="utf-8"))
        archive.writestr(f"{folder}/START.txt", START.format(name="NN_topic"))


def _say_how_it_is_graded(path: Path, lab: Assignment) -> None:
    notebook = nbformat.read(path, as_version=4)
    _add_how_it_is_graded(notebook, lab)
    nbformat.write(notebook, path)


def _add_how_it_is_graded(notebook: NotebookNode, lab: Assignment) -> None:
    # The Python that makes the release is taken to be the one that grades.
    notebook.metadata.grader = {"python": text(RUNNING)}
    notebook.cells.insert(1, new_markdown_cell(how_it_is_graded(lab), id="how-it-is-graded"))


def how_it_is_graded(lab: Assignment) -> str:
    """What students read about it, as Markdown: the Python, and the points of each check."""
    checks = [(exercise.name, check) for exercise in lab.exercises for check in exercise.checks]
    lines = [
        "## How this lab is graded",
        "",
        f"With Python {text(RUNNING)}: a cell in the syntax of a newer Python earns nothing. "
        f"`python -m grader check {lab.name}.ipynb` warns of it.",
        "",
        "| exercise | check | points |",
        "|---|---|---|",
        *(f"| {name} | {_cell(check.title or check.name)} | {number(check.points)} |" for name, check in checks),
    ]
    return "\n".join(lines)


def _cell(title: str) -> str:
    """A title on one line, in which no sign ends a table's cell."""
    return " ".join(title.split()).replace("|", "\\|")


def _zip(name: str, student: Path, root: Path) -> Path:
    path = student.with_suffix(".zip")  # whole or not at all, so that a broken one is never handed out
    with write_atomically(path) as unfinished, zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        # `grader check` compares with the lab as released, and the student's own copy will have changed by then. It
        # looks where the course keeps its labs.
        pristine = Path(name) / "labs" / name
        for folder, archive_folder in (
            (student, Path(name)),
            (student, pristine),
            (root / "utils", Path(name) / "utils"),
            (root / "grader", Path(name) / "grader"),
        ):
            for file in _files(folder):
                archive.write(file, archive_folder / file.relative_to(folder))
        archive.writestr(f"{name}/requirements.txt", (root / "requirements.lock").read_text(encoding="utf-8"))
        archive.writestr(f"{name}/START.txt", START.format(name=name))
    return path


def _files(folder: Path) -> Iterator[Path]:
    """Sorted, without what Python and Jupyter leave behind."""
    return (file for file in sorted(folder.rglob("*")) if file.is_file() and not EXCLUDED & set(file.parts))
