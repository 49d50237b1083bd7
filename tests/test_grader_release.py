"""Student versions: nothing hidden in them, and a zip that runs in a folder of its own."""

import shutil
import zipfile

import children
import nbformat
import pytest

import labs
from grader import assignment, release
from utils.runtime import CourseError

LAB = "07_distributed"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One lab's zip, from a copy of what release needs."""
    root = tmp_path_factory.mktemp("course")
    for name in ("nbgrader_config.py", "requirements.lock"):
        shutil.copy(labs.ROOT / name, root)
    for folder in (f"labs/{LAB}", "utils"):
        shutil.copytree(labs.ROOT / folder, root / folder)
    (path,) = release.write([LAB], root)
    return path


def test_a_zip_holds_no_solution_and_no_hidden_check(made):
    with zipfile.ZipFile(made) as archive:
        text = b"".join(archive.read(name) for name in archive.namelist() if name.endswith((".ipynb", ".py", ".txt")))
    lab = assignment.named(LAB)
    hidden = [found for cell in lab.notebook.cells for found in assignment.HIDDEN.findall(cell.source)]
    assert hidden
    lines = {line.strip() for block in hidden for line in block.splitlines() if len(line.strip()) > 30}
    visible = {line.strip() for each in lab.exercises for check in each.checks for line in check.visible.splitlines()}
    assert [line for line in lines - visible if line.encode() in text] == []
    assert b"### BEGIN SOLUTION" not in text


def test_a_zip_runs_in_a_folder_of_its_own(made, tmp_path):
    with zipfile.ZipFile(made) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / LAB
    lab = labs.Lab(folder / f"{LAB}.ipynb", nbformat.read(folder / f"{LAB}.ipynb", as_version=4))
    cells = [cell.source for cell in labs.light_cells(lab) if not labs.is_check(cell) and not labs.is_solution(cell)]
    program = "\n\n".join([*cells, "print(utils.__file__)"])
    (folder / "setup.py").write_text(program, encoding="utf-8")
    outcome = children.python("setup.py", folder=folder)
    assert outcome.returncode == 0, children.report(outcome)
    assert outcome.stdout.strip().splitlines()[-1] == str(folder / "utils" / "__init__.py")


def test_nbgraders_refusal_is_one_sentence(tmp_path):
    shutil.copy(labs.ROOT / "nbgrader_config.py", tmp_path)
    with pytest.raises(CourseError, match="student version of 99_nothing"):
        release.write(["99_nothing"], tmp_path)
