"""Execute the notebook pages of the book with papermill, two at a time, and keep what they gave.

An executed notebook lies in _build/executed, with its execution key (execution_key.py) in its metadata, and is used
again while the key is the same. The site takes outputs from there through jupyter-cache and executes nothing itself.
"""

import contextlib
import copy
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat
import psutil
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbformat import NotebookNode

from tools.site.execution_key import execution_keys
from tools.site.pages import code_cells, notebooks
from utils.runtime import child_environment
from utils.systems import process_limits
from utils.systems.process_limits import Outcome

WORKERS = 2
CELL_TIMEOUT_S, TIMEOUT_S = 600, 1800.0
KEY = "execution_key"
# These conclude something from how long it took, so nothing else runs beside them, and they have every thread.
ALONE = (
    "book/01_transformers",
    "book/06_quantization",
    "book/07_distributed_since",
    "labs/01_transformers/01_transformers",
    "labs/01_transformers/01_transformers_more",
    "labs/04_lifecycle/04_lifecycle",
    "labs/04_lifecycle/04_lifecycle_more",
    "labs/06_quantization/06_quantization_more",
    "labs/07_distributed/07_distributed_more",
    "labs/08_scaling/08_scaling_more",
)
# The longest of the others, longest first: begun last, one of them would keep a single core busy at the end.
LONGEST = (
    "labs/02_prompting/02_prompting",
    "labs/06_quantization/06_quantization",
    "labs/07_distributed/07_distributed",
    "labs/05_pretraining/05_pretraining",
    "book/instructors",
    "labs/09_domain/09_domain",
    "labs/08_scaling/08_scaling",
    "labs/03_decoding/03_decoding",
)


@dataclass(frozen=True)
class Execution:
    """One page executed now: how long it took, and what was wrong, as sentences."""

    page: str
    wall_s: float
    faults: tuple[str, ...]


def notebook_faults(name: str, notebook: dict) -> list[str]:
    """The judgement on an executed notebook: a sentence for each code cell that raised, and one when some did not run.

    notebook: as nbformat or json read it.
    """
    cells = [cell for cell in code_cells(notebook) if "".join(cell["source"]).strip()]
    faults = [
        f"{name}: code cell {number} raised {error['ename']}: {_said(error)}."
        for number, cell in enumerate(cells, 1)
        for error in _errors(cell)
    ]
    waiting = [number for number, cell in enumerate(cells, 1) if cell["execution_count"] is None]
    if waiting:
        faults.append(f"{name}: code cell {waiting[0]} was not executed, the first of {len(waiting)}.")
    return faults


def _said(error: dict) -> str:
    return " ".join(error["evalue"].split()).rstrip(".") or "without a word"


def _errors(cell: dict) -> list[dict]:
    return [output for output in cell["outputs"] if output["output_type"] == "error"]


def run_faults(name: str, executed: Path, outcome: Outcome) -> list[str]:
    """The judgement on one run of papermill: it ended by itself, and so did every cell.

    executed: what papermill wrote, after each cell, so that it holds what ran when a limit was broken.
    """
    if outcome.ended_by != "exit":
        return [f"{name}: the run ended by {outcome.ended_by} after {outcome.wall_s:.0f} s; {executed} holds what ran."]
    if not executed.exists():
        return [f"{name}: papermill wrote nothing. {process_limits.tail(outcome.stderr)}"]
    notebook = nbformat.read(executed, as_version=4)
    faults = notebook_faults(name, notebook)
    # A kernel that died, or a disk that is full, stands in no cell.
    if outcome.returncode and not any(map(_errors, code_cells(notebook))):
        faults.append(f"{name}: papermill failed. {process_limits.tail(outcome.stderr)}")
    return faults


def papermill(notebook: Path, executed: Path, cwd: Path, threads: int | None = None) -> Outcome:
    """Execute one notebook in `cwd` under a watchdog. The bundled tier needs no hub: none is asked.

    threads: None leaves the number to the notebook.
    """
    command = [sys.executable, "-m", "papermill", notebook, executed, "--cwd", cwd, "--no-progress-bar"]
    options = ["--kernel", "python3", "--execution-timeout", str(CELL_TIMEOUT_S)]
    variables = {"HF_HUB_OFFLINE": "1"}
    if threads is not None:
        # OpenMP's threads wait by spinning. Two notebooks with two each on two cores take ten times as long, not twice.
        variables |= {"COURSE_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    env = child_environment(**variables)
    return process_limits.run([*command, *options], timeout_s=TIMEOUT_S, memory_bytes=None, env=env)


def kept(root: Path, page: str) -> Path:
    """Where the executed notebook of a page lies."""
    return root / "_build" / "executed" / f"{page}.ipynb"


def execute(root: Path) -> list[Execution]:
    """Execute every notebook page whose key has changed; one that fails does not stop the others.

    Says on stderr which page took how long. Returns what was executed now, without what was used again.
    """
    pages = notebooks(root)
    keys = execution_keys(root, pages)
    due = [page for page in pages if _kept_key(kept(root, page)) != keys[page]]
    print(f"{len(due)} of {len(pages)} notebooks have to be executed.", file=sys.stderr)
    beside = sorted((page for page in due if page not in ALONE), key=_length)
    alone = [page for page in due if page in ALONE]
    done: list[Execution] = []
    for workers, threads, batch in ((WORKERS, 1, beside), (1, None, alone)):
        jobs = [partial(_execute, root, page, pages[page], keys[page], threads) for page in batch]
        for one in _pooled(workers, jobs):
            done.append(one)
            print(f"[{len(done)}/{len(due)}] {one.page}: {one.wall_s:.0f} s", *one.faults, sep="\n  ", file=sys.stderr)
    return done


def _length(page: str) -> int:
    return LONGEST.index(page) if page in LONGEST else len(LONGEST)


def _kept_key(executed: Path) -> str | None:
    """The key in an executed notebook; None for one that papermill has not brought to its end without a fault."""
    if not executed.exists():
        return None
    return nbformat.read(executed, as_version=4)["metadata"].get(KEY)


def _execute(root: Path, page: str, source: NotebookNode, key: str, threads: int | None) -> Execution:
    """Execute one page where its source lies. Only a notebook without a fault gets its key."""
    executed = kept(root, page)
    executed.parent.mkdir(parents=True, exist_ok=True)
    executed.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        # A chapter is Markdown: papermill gets it as the notebook that the site's reader makes of it.
        written = Path(folder) / executed.name
        nbformat.write(source, written)
        outcome = papermill(written, executed, (root / page).parent, threads)
    faults = run_faults(page, executed, outcome)
    if not faults:
        notebook = nbformat.read(executed, as_version=4)
        notebook["metadata"][KEY] = key
        nbformat.write(notebook, executed)
    return Execution(page, outcome.wall_s, tuple(faults))


def _pooled(workers: int, jobs: Sequence[Callable[[], Execution]]) -> Iterator[Execution]:
    """The jobs' results as they come. When it is left early, as by Ctrl-C, no kernel lives on."""
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(job) for job in jobs]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()
            # Kernels are in sessions of their own, where Ctrl-C does not reach them, and threads cannot be interrupted.
            # Each waits for its papermill: when that has ended, its watchdog ends the kernel.
            while not all(future.done() for future in futures):
                _terminate_papermill()
                time.sleep(0.1)


def _terminate_papermill() -> None:
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if "papermill" in child.cmdline():
                child.terminate()


def with_outputs(source: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """The source with the outputs of its code cells, in order: its prose may be newer than the executed notebook."""
    filled = copy.deepcopy(source)
    for cell, run in zip(code_cells(filled), code_cells(executed), strict=True):
        cell["outputs"], cell["execution_count"] = run["outputs"], run["execution_count"]
    return filled


def fill_cache(root: Path, sources: Path, build: Path) -> Path:
    """A new jupyter-cache of every page in `sources`, also of those that failed or never ran. Returns its folder.

    Outputs are those of the executed notebooks of `root`, whose cells are the same but for what students do not get.
    jupyter-cache finds a notebook by its code cells and kernel alone; what else outputs depend on, it does not see.
    So it never holds more than what is up to date now.
    """
    folder = build / ".jupyter_cache"
    shutil.rmtree(folder, ignore_errors=True)
    cache = get_cache(folder)
    for page, source in notebooks(sources).items():
        executed = kept(root, page)
        filled = with_outputs(source, nbformat.read(executed, as_version=4)) if executed.exists() else source
        cache.cache_notebook_bundle(CacheBundleIn(filled, page), check_validity=False, overwrite=True)
    return folder
