"""Student versions: per lab the notebook without solutions and hidden checks, and a zip that runs by itself.

nbgrader makes the notebook, and enters its checks into the gradebook. The zip adds what the notebook needs: the lab's
own programs, `utils` with its assets, and the list of packages; and for a look before handing in, this package and an
untouched copy of the notebook.
"""

import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

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


def _student_version(name: str, root: Path) -> Path:
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", name, "--force", "--create"]
    completed = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if completed.returncode:
        last_line = (completed.stderr.strip() or "nothing").splitlines()[-1]
        raise CourseError(f"nbgrader should make the student version of {name}, but it said: {last_line}")
    return root / "_build" / "release" / name


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
