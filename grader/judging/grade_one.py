"""One submission from its bytes to a row: read, rebuilt, judged. As a program: a process that does nothing else.

    python -m grader.judging.grade_one SOCKET_FD

Why its own process: a check may ask whether an exercise left the shared random generators alone, and
the threads of a Dask worker draw from them, so in the worker's own process such a check would fail at random. Why not a
process for each submission: this one keeps the lab's sandbox open, whose imports take seconds.
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

from nbformat import NotebookNode

from grader import assignment
from grader.assignment import Assignment
from grader.intake import notebook_file
from grader.judging import private_checks
from grader.judging.fingerprint import fingerprint
from grader.judging.judge import Judge
from grader.records import Limits, Rebuilt, Row, Task
from grader.repair import rebuild
from grader.sandbox.bubblewrap import Sandbox

# This process's judge, by lab, sandboxing and limits; one at most.
_judges: dict[tuple, Judge] = {}
_lab = functools.cache(assignment.by_name)


def grade(task: Task) -> Row:
    """The row of one submission, whatever it is."""
    if not task.assignment:
        return Row(task.student, "", task.digest, (), task.notes, task.unreadable)
    lab = _lab(task.assignment)
    # Read here, not where the class is collected: a file made to exhaust a parser ends this process alone.
    notebook, repairs = (None, [task.unreadable]) if task.unreadable else _read(task.content)
    if notebook is None:
        (problem, *_) = repairs
        return Row(task.student, lab.name, task.digest, assignment.zero_on_all(lab, problem), problem=problem)
    rebuilt = rebuild.rebuild(notebook, lab)
    judge = _judge(lab.name, task.options.sandboxed, task.options.limits)
    outcome = judge.grade(rebuilt.cells, dict(rebuilt.lost), _private(task))
    return Row(
        task.student,
        lab.name,
        task.digest,
        outcome.results,
        repairs=(*task.notes, *repairs, *rebuilt.repairs),
        seconds=outcome.seconds,
        peak_bytes=outcome.peak_bytes,
        fingerprints=_fingerprints(rebuilt, lab),
    )


def _read(content: bytes) -> tuple[NotebookNode | None, list[str]]:
    """The notebook and what was mended in reading it, or None and the reason."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "submission.ipynb"
        path.write_bytes(content)
        return notebook_file.read(path)


def _judge(lab_name: str, sandboxed: bool, limits: Limits) -> Judge:
    """This process's judge; the one of another lab is closed first, so that only one sandbox holds memory."""
    key = lab_name, sandboxed, limits
    if key not in _judges:
        while _judges:
            _judges.popitem()[1].sandbox.close()
        lab = _lab(lab_name)
        _judges[key] = Judge(lab, Sandbox(lab.setup, sandboxed), limits)
    return _judges[key]


def _private(task: Task) -> dict:
    """Private checks by exercise, each with the generator that gives this student's inputs."""
    return {
        exercise: (source, private_checks.generator(task.options.secret, task.student, exercise))
        for exercise, source in task.private.items()
    }


def _fingerprints(rebuilt: Rebuilt, lab: Assignment) -> tuple[tuple[str, str], ...]:
    """Of each solution that is there, by exercise."""
    sources = dict(rebuilt.cells)
    answers = ((exercise.name, sources.get(exercise.cell_id)) for exercise in lab.exercises)
    return tuple((name, fingerprint(source)) for name, source in answers if source)


def main(socket_fd: int) -> None:
    """Answer each Task on the socket with its Row, or with what went wrong, until the other end hangs up."""
    threading.Thread(target=_exit_with_the_other_end, args=(socket_fd,), daemon=True).start()
    # Pickles on both sides: the other end is the Dask worker, and both are trusted.
    connection = Connection(socket_fd)
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            connection.send(_answer(connection.recv()))


def _answer(task: Task) -> Row | RuntimeError:
    try:
        return grade(task)
    except Exception as error:
        # As text: the exception itself may not survive pickling.
        return RuntimeError(f"{type(error).__name__}: {error}")


def _exit_with_the_other_end(socket_fd: int) -> None:
    """End this process when the worker has gone, also in the middle of a submission; the sandbox ends with it.

    A blocked read would notice too, but not while a submission runs. POLLRDHUP comes also after kill -9.
    """
    poll = select.poll()
    poll.register(socket_fd, select.POLLRDHUP)
    poll.poll()
    # sys.exit() would end this thread alone, and the main thread may wait for a guest. bwrap dies with its parent.
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
