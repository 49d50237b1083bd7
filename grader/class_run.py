"""A class graded: submissions in, rows out, on local workers or a Dask cluster, resumable at any moment.

Each Dask worker has one thread, and beside it a process that grades (`judging.worker_process`). What travels to it is a
`Task` with the file's bytes, so that a worker on another machine needs no folder of ours; what comes back is a `Row`.
"""

import functools
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import dask
from distributed import Client, as_completed
from tqdm import tqdm

from grader import assignment
from grader.journal import Journal
from grader.judging import private_checks, worker_process
from grader.records import Options, Row, Submission, Task
from utils.errors import CourseError

# Enough that a worker never waits for its next one, and few enough that memory stays flat.
IN_FLIGHT_PER_WORKER = 2
RETRIES = 1


@contextmanager
def connected(scheduler: str | None, workers: int | None) -> Iterator[Client]:
    """A Dask cluster by address, or local processes, one per core unless told otherwise.

    Raises CourseError when no scheduler answers.
    """
    if scheduler is None:
        count = workers or len(os.sched_getaffinity(0))
        # LocalCluster takes port 8787 for its dashboard even when told None: any free one, chosen by the kernel.
        local = {"dashboard_address": "127.0.0.1:0", "host": "127.0.0.1"}
        # It also leaves a scratch folder in the temporary one, so it gets one of its own. Its profiler samples every
        # worker's stack many times a second, and nobody looks at that.
        with (
            tempfile.TemporaryDirectory(prefix="grader-") as folder,
            dask.config.set({"temporary-directory": folder, "distributed.worker.profile.enabled": False}),
            Client(n_workers=count, threads_per_worker=1, **local) as client,
        ):
            yield client
        return
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise CourseError(
            f"A Dask scheduler should answer at {scheduler}, but none did: start one or drop the option."
        ) from error
    with client:
        yield client


def grade(
    submissions: Sequence[Submission], journal: Journal, client: Client, options: Options, write: Callable = tqdm.write
) -> list[Row]:
    """Rows of all submissions; only those are graded that the journal does not hold as they are now."""
    by_pair = {(submission.student, submission.assignment): submission for submission in submissions}
    keys = {pair: key(submission, options) for pair, submission in by_pair.items()}
    pending = [submission for pair, submission in by_pair.items() if journal.key(*pair) != keys[pair]]
    with tqdm(total=len(pending), unit="submission", file=sys.stderr, disable=not pending) as bar:
        for row in _rows(pending, client, options):
            journal.add(keys[row.student, row.assignment], row)
            # Who handed in nothing is named in the table alone: early in a term that may be half of the class.
            if row.problem and row.handed_in:
                write(f"{row.student}, {row.assignment}: {row.problem}", file=sys.stderr)
            bar.update()
    return journal.of(keys)


def key(submission: Submission, options: Options) -> str:
    """What a row depends on: the file, the lab with its hidden checks, and the private checks."""
    lab_digest = _lab_digest(submission.assignment)
    parts = [submission.digest, submission.unreadable, *submission.notes, lab_digest, options.secret]
    parts += sorted(_private(submission.assignment, options.private).values())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@functools.cache
def _private(name: str, folder: str) -> dict[str, str]:
    return private_checks.read(folder, assignment.by_name(name)) if name else {}


@functools.cache
def _lab_digest(name: str) -> str:
    return assignment.digest(assignment.by_name(name)) if name else ""


def _rows(pending: Sequence[Submission], client: Client, options: Options) -> Iterator[Row]:
    """Rows as they come; only a few submissions are in flight, so memory stays flat."""
    # By assignment: a worker keeps the sandbox of one lab open, and opening another takes seconds.
    waiting, in_flight = iter(sorted(pending, key=lambda submission: submission.assignment)), {}
    futures = as_completed(with_results=False)

    def submit_next() -> None:
        for submission in waiting:
            # Not pure: two students with the same file are two tasks. Retried, as a worker may die under a submission
            # that is not at fault; one that kills its worker twice gets the row of `_failed`.
            task = _task(submission, options)
            future = client.submit(worker_process.run, task, pure=False, retries=RETRIES)
            in_flight[future.key] = submission
            futures.add(future)
            return

    for _ in range(IN_FLIGHT_PER_WORKER * max(1, len(client.scheduler_info()["workers"]))):
        submit_next()
    for future in futures:
        submission = in_flight.pop(future.key)
        error = future.exception()
        # The machine's fault: a row of no points would blame it on a student, and stay in the journal.
        if isinstance(error, CourseError):
            raise error
        yield _failed(submission, error) if error else future.result()
        submit_next()


def _task(submission: Submission, options: Options) -> Task:
    unreadable, content = submission.unreadable, b""
    if not unreadable:
        try:
            content = submission.path.read_bytes()
        except OSError as error:
            unreadable = f"The file could not be read: {error.strerror}."
    return Task(
        submission.student,
        submission.assignment,
        submission.digest,
        content,
        unreadable,
        submission.notes,
        _private(submission.assignment, options.private),
        options,
    )


def _failed(submission: Submission, error: BaseException) -> Row:
    """A row for a submission that ended its worker."""
    results = assignment.zero_on_all(assignment.by_name(submission.assignment), "")
    problem = f"It could not be graded: {type(error).__name__} in the grader."
    return Row(submission.student, submission.assignment, submission.digest, results, problem=problem)
