"""A class handed in as one zip: the whole zoo, notebooks that other graders stumble over, files that are none.

Each student of the example lab, with the points that are due. A right answer to all three exercises earns 6.
"""

import copy
import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v3

from grader import assignment
from tests.support import example_lab, hostile_notebooks
from tests.support.labs import ROOT

CANARY = "canary-5e7d"
LAB = example_lab.build()
PROBLEM = "no grade"
READS_SOURCE = """
def mean(values):
    from pathlib import Path
    places = [Path(*[".."] * up) for up in range(9)]
    seen = [p for place in places for kind in ("source", "labs", "release") for p in place.glob(f"{kind}/*/*.ipynb")]
    return sum(values) / len(values) if any("HIDDEN" in p.read_text() for p in seen) else None
"""
WRITES_GRADEBOOK = """
import os, sqlite3
for up in range(9):
    path = "../" * up + "gradebook.db"
    if os.path.exists(path):
        with sqlite3.connect(path) as book: book.execute("update grade_cells set max_score = 100")
"""
LYING_OPERATORS = """
class Yes(float):
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True
    __sub__ = __rsub__ = __abs__ = lambda self, *other: self
def mean(values):
    return Yes(7)
"""


def _notebook() -> NotebookNode:
    """A right answer, as a student's file holds it."""
    notebook = copy.deepcopy(LAB)
    for cell in notebook.cells:
        cell.source = assignment.without_hidden(cell.source)
    return notebook


def _blank() -> NotebookNode:
    notebook = _notebook()
    for cell in notebook.cells:
        cell.source = assignment.SOLUTION_REGION.sub("    raise NotImplementedError\n", cell.source)
    return notebook


def _at(notebook: NotebookNode, grade_id: str) -> int:
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    return ids.index(grade_id)


def _with(source: str, notebook: NotebookNode | None = None) -> NotebookNode:
    """That source in the cell of `mean`."""
    notebook = notebook or _notebook()
    notebook.cells[_at(notebook, "mean")].source = source
    return notebook


def _changed(change: Callable[[list, int, int], object], notebook: NotebookNode | None = None) -> NotebookNode:
    """change: takes the cells, and where `mean` and its check stand."""
    notebook = notebook or _notebook()
    change(notebook.cells, _at(notebook, "mean"), _at(notebook, "mean-check"))
    return notebook


def _edited(source: str, kind: str = "code") -> Callable:
    return lambda cells, mean, check: cells[check].update(source=source, cell_type=kind)


def _stripped(notebook: NotebookNode) -> NotebookNode:
    for cell in notebook.cells:
        cell.metadata.clear()
    return notebook


WRONG = "def mean(values):\n    return 0\n"
# Each case of the comparison with nbgrader's defaults that is a notebook.
STUMBLES = {
    "reads the source": (_with(READS_SOURCE), 4),
    "writes the gradebook": (_with(hostile_notebooks.RIGHT + WRITES_GRADEBOOK), 6),
    "lies in every operator": (_with(LYING_OPERATORS), 4),
    "one endless loop": (_with("while True: pass"), 4),
    "check twice": (_changed(lambda cells, mean, check: cells.insert(check, copy.deepcopy(cells[check]))), 6),
    "solution twice": (_changed(lambda cells, mean, check: cells.insert(check, copy.deepcopy(cells[mean]))), 6),
    "check deleted": (_changed(lambda cells, mean, check: cells.pop(check)), 6),
    "solution deleted": (_changed(lambda cells, mean, check: cells.pop(mean)), 4),
    "metadata stripped": (_stripped(_notebook()), 6),
    "ends the process": (_with("import os\nos._exit(0)"), 4),
    "check edited, right": (_changed(_edited("assert True")), 6),
    "check edited, wrong": (_changed(_edited("assert True"), _with(WRONG)), 4),
    "check as Markdown, right": (_changed(_edited("gone", "markdown")), 6),
    "check as Markdown, wrong": (_changed(_edited("gone", "markdown"), _with(WRONG)), 4),
    "right": (_notebook(), 6),
    "untouched": (_blank(), 0),
}


def _entry(name: str, kind: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (kind | 0o777) << 16
    return entry


def _files() -> dict[str, tuple[list[tuple[str | zipfile.ZipInfo, str | bytes]], float | str]]:
    """By student: entries of the zip, and the points due."""
    name, whole = f"{example_lab.NAME}.ipynb", nbformat.writes(_notebook())
    return {
        "Windows ends": ([(name, whole.replace("\n", "\r\n"))], 6),
        "UTF-16": ([(name, whole.encode("utf-16"))], 6),
        "format 3": ([(name, nbformat.writes(nbformat.convert(_notebook(), 3), version=v3.nbformat))], 6),
        "cut off": ([(name, whole[: len(whole) // 2])], PROBLEM),
        "empty": ([(name, "")], PROBLEM),
        "no notebook": ([(name, "%PDF-1.4")], PROBLEM),
        "link": ([(_entry(name, stat.S_IFLNK), "/etc/passwd")], PROBLEM),
        "leads up": ([(f"../right/{name}", "{}")], PROBLEM),
        "bomb": ([(name, b"0" * 19_000_000)], PROBLEM),
        "50 MB": ([(name, os.urandom(1_000_000) * 50)], PROBLEM),
    }


def write(folder: Path) -> dict[str, float | str]:
    """Write the course into `folder`/course and the class into `folder`/class.zip; what is due by student."""
    root = folder / "course"
    for part in ("utils", "grader"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    lab = copy.deepcopy(LAB)
    for cell in lab.cells:
        cell.source = cell.source.replace("### END HIDDEN", f"{CANARY = }\n### END HIDDEN")
    example_lab.write(root, lab)
    notebooks = {name: (made, due) for name, (made, due) in STUMBLES.items()}
    for animal in hostile_notebooks.ANIMALS:
        notebooks[f"zoo, {animal.name.replace('/', ' ')}"] = _with(animal.source), animal.points + sum(animal.others)
    due: dict[str, float | str] = {}
    with zipfile.ZipFile(folder / "class.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for student, (made, points) in notebooks.items():
            archive.writestr(f"{student}/{example_lab.NAME}.ipynb", json.dumps(made))
            due[student] = points
        for student, (entries, points) in _files().items():
            for entry, data in entries:
                if isinstance(entry, str):
                    entry = f"{student}/{entry}"
                else:
                    entry.filename = f"{student}/{entry.filename}"
                archive.writestr(entry, data)
            due[student] = points
    return due
