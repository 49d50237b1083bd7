"""One submission from its bytes to a row. As a program: a process that does nothing else.

A check may ask whether the shared random generators were left alone, and a Dask worker's own threads draw from them.
"""

import contextlib
import functools
import os
import select
import sys
import tempfile
import threading
from multiprocessing.connection import Connection
from pathlib import Path

import nbformat

from grader import assignment
from grader.class_report.similarity import shape
from grader.intake import notebook_file
from grader.judging import private_checks
from grader.judging.judge import Judge
from grader.records import Limits, Rebuilt, Row, Task
from grader.repair import rebuild
from grader.sandbox import bubblewrap

_open: dict[tuple, Judge] = {}
_lab = functools.cache(assignment.by_name)


def grade(task: Task) -> Row:
    """The row of one submission."""
    if not task.assignment:
        return Row(task.student, "", task.digest, (), task.notes, task.unreadable)
    lab = _lab(task.assignment)
    notebook, repairs = (None, [task.unreadable]) if task.unreadable else _read(task.content)
    if notebook is None:
        problem = repairs[0]
        return Row(task.student, task.assignment, task.digest, assignment.zero_on_all(lab, problem), problem=problem)
    rebuilt = rebuild.rebuild(notebook, lab)
    judge = _judge(task.assignment, task.options.sandboxed, task.options.limits)
    further = {
        name: (source, private_checks.generator(task.options.secret, task.student, name))
        for name, source in task.private.items()
    }
    outcome = judge.grade(rebuilt.cells, dict(rebuilt.lost), further)
    return Row(
        task.student,
        task.assignment,
        task.digest,
        outcome.results,
        (*task.notes, *repairs, *rebuilt.repairs),
        seconds=outcome.seconds,
        peak_bytes=outcome.peak_bytes,
        shape=_shapes(rebuilt, lab),
    )


def _judge(name: str, sandboxed: bool, limits: Limits) -> Judge:
    """This process's judge; it keeps the sandbox of one lab open."""
    wanted = name, sandboxed, limits
    if wanted not in _open:
        while _open:
            _open.popitem()[1].sandbox.close()
        lab = _lab(name)
        _open[wanted] = Judge(lab, bubblewrap.Sandbox(lab.setup, sandboxed), limits)
    return _open[wanted]


def _read(content: bytes) -> tuple[nbformat.NotebookNode | None, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "submission.ipynb"
        path.write_bytes(content)
        return notebook_file.read(path)


def _shapes(rebuilt: Rebuilt, lab: assignment.Assignment) -> tuple[tuple[str, str], ...]:
    sources = dict(rebuilt.cells)
    found = ((each.name, sources.get(each.cell_id)) for each in lab.exercises)
    return tuple((name, shape(source)) for name, source in found if source)


def main(handle: int) -> None:
    """Answer each Task on the socket with its Row, or with what went wrong, until the other end hangs up."""
    threading.Thread(target=_end_with_the_other_side, args=(handle,), daemon=True).start()
    line = Connection(handle)
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            line.send(_answer(line.recv()))


def _answer(task: Task) -> Row | RuntimeError:
    try:
        return grade(task)
    except Exception as error:
        return RuntimeError(f"{type(error).__name__}: {error}")


def _end_with_the_other_side(handle: int) -> None:
    """Also in the middle of a submission; the sandbox then ends with this process."""
    poll = select.poll()
    poll.register(handle, select.POLLRDHUP)
    poll.poll()
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
