"""One submission from its bytes to a row: read, rebuilt, judged. As a program: a process that does nothing else.

    python -m grader.judging.grade_one SOCKET_FD

Why its own process: a file may be made to exhaust the parser that reads it, and then ends this process and no worker.
Why not a process for each submission: this one keeps the lab's two sandboxes open, whose imports take seconds.
"""

import contextlib
import functools
import os
import select
import signal
import sys
import tempfile
import threading
import time
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
from utils.errors import CourseError

# Reading and rebuilding take milliseconds. What was made to take hours would hold up the whole class.
PREPARE_S, REPEAT_S = 120, 2
TOO_LONG = f"Its cells could not be put in order within {PREPARE_S} seconds: take out what does not belong there."

# This process's judge, by lab, sandboxing and limits; one at most.
_judges: dict[tuple, Judge] = {}
_lab = functools.cache(assignment.by_name)


def grade(task: Task) -> Row:
    """The row of one submission, whatever it is."""
    if not task.assignment:
        return Row(task.student, "", task.digest, (), task.notes, task.unreadable)
    lab = _lab(task.assignment)
    # Read here, not where the class is collected: a file made to exhaust a parser ends this process alone.
    rebuilt, repairs = (None, [task.unreadable]) if task.unreadable else _prepared(task.content, lab)
    if rebuilt is None:
        (problem, *_) = repairs
        return Row(task.student, lab.name, task.digest, assignment.zero_on_all(lab, problem), problem=problem)
    judge = _judge(lab.name, task.options.sandboxed, task.options.limits)
    outcome = judge.grade(rebuilt.cells, dict(rebuilt.lost), _private(task), dict(rebuilt.check_places))
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


class _TooLong(BaseException):
    """Time is up. Nothing below takes it for a fault of its own."""


def _prepared(content: bytes, lab: Assignment) -> tuple[Rebuilt | None, list[str]]:
    """The cells to run and what was mended in reading them, or None and the reason."""

    def stop(*_):
        raise _TooLong

    before, end = signal.signal(signal.SIGALRM, stop), time.monotonic() + PREPARE_S
    # Again and again: what is raised in a destructor gets lost.
    signal.setitimer(signal.ITIMER_REAL, PREPARE_S, REPEAT_S)
    try:
        notebook, repairs = _read(content)
        return (rebuild.rebuild(notebook, lab) if notebook else None), repairs
    except _TooLong:
        return None, [TOO_LONG]
    except SystemError:  # what Python 3.11 makes of it where it comes while a syntax tree is made
        if time.monotonic() < end:
            raise
        return None, [TOO_LONG]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _read(content: bytes) -> tuple[NotebookNode | None, list[str]]:
    """The notebook and what was mended in reading it, or None and the reason."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "submission.ipynb"
        path.write_bytes(content)
        return notebook_file.read(path)


def _judge(lab_name: str, sandboxed: bool, limits: Limits) -> Judge:
    """This process's judge; the one of another lab is closed first, so that only one lab's sandboxes hold memory."""
    key = lab_name, sandboxed, limits
    if key not in _judges:
        while _judges:
            _judges.popitem()[1].close()
        _judges[key] = Judge(_lab(lab_name), limits, sandboxed).__enter__()
    return _judges[key]


def _private(task: Task) -> dict:
    """Private checks by exercise, each with the seed of this student's inputs."""
    return {
        exercise: (source, private_checks.seed(task.options.secret, task.student, exercise))
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


def _answer(task: Task) -> Row | Exception:
    try:
        return grade(task)
    except CourseError as error:
        return error
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
