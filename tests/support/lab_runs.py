"""A whole lab run by nbval or papermill in a watched child process, and what was wrong with the run."""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat

from tests.support import child_process, labs
from tests.support.labs import Lab
from tools.site.execute import run_faults
from utils.systems.process_limits import Outcome


def nbval(lab: Lab, folder: Path, **options) -> Outcome:
    """Every cell with its default parameters, in a fresh kernel of this interpreter; outputs are not compared.

    options: as child_process.python takes.
    """
    settings = folder / "pytest.ini"
    settings.write_text("[pytest]\n", encoding="utf-8")
    words = ("-c", settings, "--rootdir", folder, "-p", "no:cacheprovider", "-q")
    return child_process.python(
        "-m", "pytest", "--nbval-lax", "--nbval-current-env", *words, lab.path, folder=folder, **options
    )


def papermill(lab: Lab, executed: Path, folder: Path, parameters: dict[str, str], **options) -> Outcome:
    """The lab under other parameters; `executed` is rewritten after every cell and so survives a broken limit.

    folder: what the run writes besides. options: as child_process.python takes.
    """
    given = [word for name, value in parameters.items() for word in ("-p", name, value)]
    command = ("-m", "papermill", lab.path, executed, "--no-progress-bar", "-k", "python3", *given)
    return child_process.python(*command, folder=folder, cwd=lab.path.parent, **options)


def nbval_faults(lab: Lab, outcome: Outcome, folder: Path) -> Iterator[str]:
    """Each code cell is one of nbval's tests, so as many must pass, and nothing else may happen."""
    passed = re.search(r"^(\d+) passed in ", outcome.stdout, re.MULTILINE)
    if outcome.returncode != 0 or not passed or int(passed[1]) != len(lab.code):
        yield f"{len(lab.code)} cells should pass: {child_process.report(outcome)}"
    yield from child_process.outside_connections(folder)


def papermill_faults(executed: Path, outcome: Outcome, folder: Path) -> Iterator[str]:
    """The run ends by itself, runs every cell, and never leaves this machine."""
    yield from run_faults(executed.stem, executed, outcome)
    yield from child_process.outside_connections(folder)


def notebook(path: Path, *sources: str) -> Lab:
    """A bare notebook of code cells at `path`, for probes."""
    spec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec}), path)
    return labs.read(path)
