"""Student versions: nothing hidden in them, and a zip that runs in a folder of its own."""

import json
import shutil
import sys
import zipfile

import nbformat
import pytest

from grader import assignment
from grader.student import release
from tests.support import child_process, labs
from utils.errors import CourseError

LAB = "01_transformers"
RULES = (assignment.SOLUTION_REGION, assignment.HIDDEN_REGION)


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


@pytest.mark.slow
def test_a_zip_holds_no_solution_and_no_hidden_check(made):
    lab, sources = assignment.by_name(LAB), []
    with zipfile.ZipFile(made) as archive:
        for name in archive.namelist():
            if name.endswith(".ipynb"):
                cells = nbformat.reads(archive.read(name).decode(), as_version=4).cells
                sources += [cell.source + json.dumps(cell.get("outputs", [])) for cell in cells]
    released = "\n".join(sources)
    cut = [part for cell in lab.notebook.cells for rule in RULES for part in rule.findall(cell.source)]
    assert len(cut) == sum(1 + len(exercise.checks) for exercise in lab.exercises)
    kept = {
        line for each in lab.notebook.cells for line in assignment.without_solution(without_hidden(each)).splitlines()
    }
    lines = {line for part in cut for line in part.splitlines() if len(line.strip()) > 20} - kept
    assert len(lines) > 50
    assert [line for line in lines if line.strip() in released] == []


@pytest.mark.slow
def test_students_read_how_it_is_graded(made):
    with zipfile.ZipFile(made) as archive:
        notebooks = [name for name in archive.namelist() if name.endswith(f"/{LAB}.ipynb")]
        read = [nbformat.reads(archive.read(name).decode(), as_version=4) for name in notebooks]
    assert len(read) == 2
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for notebook in read:
        nbformat.validate(notebook)
        assert notebook.metadata.grader == {"python": here}
        (cell,) = (cell for cell in notebook.cells if cell.id == "how-it-is-graded")
        assert f"With Python {here}: " in cell.source
        checks = [check for exercise in assignment.by_name(LAB).exercises for check in exercise.checks]
        assert all(f"| {check.title} | {check.points:g} |" in cell.source for check in checks)


@pytest.mark.slow
def test_one_zip_of_all_labs_holds_them_side_by_side_and_gives_nothing_away(made, tmp_path):
    root, path = made.parents[2], tmp_path / "all-labs.zip"
    shutil.copytree(labs.ROOT / "grader", root / "grader", dirs_exist_ok=True)
    release.write_course(path, root)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        notebooks = [
            nbformat.reads(archive.read(name).decode(), as_version=4) for name in names if LAB + ".ipynb" in name
        ]
    assert len(names) == len(set(names))
    assert len(notebooks) == 2
    for name in (
        f"{LAB}.ipynb",
        f"labs/{LAB}/{LAB}.ipynb",
        "utils/runtime.py",
        "grader/__main__.py",
        "requirements.txt",
    ):
        assert f"all-labs/{name}" in names
    for notebook in notebooks:
        nbformat.validate(notebook)
        text = "".join(cell.source for cell in notebook.cells)
        assert "raise NotImplementedError" in text
        assert "How this lab is graded" in text
        assert not any(rule.search(cell.source) for rule in RULES for cell in notebook.cells)


def without_hidden(cell):
    return assignment.without_hidden(cell.source)


@pytest.mark.lab
@pytest.mark.timeout(400)
@pytest.mark.parametrize("solved", [False, True], ids=["as handed out", "solved"])
def test_a_zip_runs_in_a_folder_of_its_own(made, tmp_path, solved):
    """From the first cell to the last, with nothing but what the zip holds and the packages it lists."""
    with zipfile.ZipFile(made) as archive:
        archive.extractall(tmp_path)
    path = tmp_path / LAB / f"{LAB}.ipynb"
    if solved:
        notebook, right = nbformat.read(path, as_version=4), assignment.by_name(LAB).notebook
        sources = {cell.id: cell.source for cell in right.cells if assignment.is_solution(cell)}
        for cell in notebook.cells:
            cell.source = sources.get(cell.id, cell.source)
        nbformat.write(notebook, path)
    run = ["-m", "nbconvert", "--to", "notebook", "--inplace", "--execute", "--allow-errors", path.name]
    outcome = child_process.python(*run, folder=path.parent, PYTHONPATH="")
    assert outcome.returncode == 0, child_process.report(outcome)
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells if cell.source)
    raised = {
        (out.ename, assignment.is_check(cell)) for cell in cells for out in cell.outputs if out.output_type == "error"
    }
    unsolved = {("NotImplementedError", True), ("NotImplementedError", False)}
    # A cell of the lesson that calls what is not written yet leaves no names to the next one.
    assert raised - {("NameError", False)} == (set() if solved else unsolved)
    assert not (solved and raised)


@pytest.mark.slow
def test_a_student_can_look_before_handing_in_with_what_the_zip_holds(made, tmp_path):
    with zipfile.ZipFile(made) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / LAB
    outcome = child_process.python("-m", "grader", "check", f"{LAB}.ipynb", folder=folder, PYTHONPATH=str(folder))
    assert outcome.returncode == 1, child_process.report(outcome)
    assert all(f"{exercise.name}:" in outcome.stdout for exercise in assignment.by_name(LAB).exercises)


@pytest.mark.slow
def test_the_sites_version_of_a_lab_is_the_released_one(made):
    with zipfile.ZipFile(made) as archive:
        released = nbformat.reads(archive.read(f"{LAB}/{LAB}.ipynb").decode(), as_version=4)
    ours = release.without_answers(assignment.by_name(LAB).notebook)
    assert [c.source for c in ours.cells] == [c.source for c in released.cells if c.id != "how-it-is-graded"]


def test_nbgraders_refusal_is_one_sentence(tmp_path):
    shutil.copy(labs.ROOT / "nbgrader_config.py", tmp_path)
    with pytest.raises(CourseError, match="student version of 99_nothing"):
        release.write(["99_nothing"], tmp_path)
