"""A class graded: submissions in, rows out, on local workers or a Dask cluster, resumable at any moment."""

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

PER_WORKER = 2


@contextmanager
def connected(scheduler: str | None, workers: int | None) -> Iterator[Client]:
    """A Dask cluster by address, or local processes, one per core unless told otherwise.

    Raises CourseError when no scheduler answers.
    """
    if scheduler is None:
        count = workers or len(os.sched_getaffinity(0))
        local = {"dashboard_address": "127.0.0.1:0", "host": "127.0.0.1"}
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
    submissions: Sequence[Submission], journal: Journal, client: Client, options: Options, say: Callable = tqdm.write
) -> list[Row]:
    """Rows of all submissions; only those are graded that the journal does not hold as they are now."""
    by_pair = {(each.student, each.assignment): each for each in submissions}
    keys = {pair: key(each, options) for pair, each in by_pair.items()}
    left = [each for pair, each in by_pair.items() if journal.key(*pair) != keys[pair]]
    with tqdm(total=len(left), unit="submission", file=sys.stderr, disable=not left) as bar:
        for row in _graded(left, client, options):
            journal.add(keys[row.student, row.assignment], row)
            if row.problem:
                say(f"{row.student}, {row.assignment}: {row.problem}", file=sys.stderr)
            bar.update()
    return journal.of(keys)


def key(submission: Submission, options: Options) -> str:
    """What a row depends on: the file, the lab with its hidden checks, and the private checks."""
    parts = [submission.digest, submission.unreadable, *submission.notes, _lab(submission.assignment), options.secret]
    parts += sorted(_private(submission.assignment, options.private).values())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@functools.cache
def _private(name: str, folder: str) -> dict[str, str]:
    return private_checks.read(folder, assignment.by_name(name)) if name else {}


@functools.cache
def _lab(name: str) -> str:
    return assignment.digest(assignment.by_name(name)) if name else ""


def _graded(left: Sequence[Submission], client: Client, options: Options) -> Iterator[Row]:
    """Rows as they come; only a few submissions are in flight, so memory stays flat."""
    waiting, names = iter(sorted(left, key=lambda each: each.assignment)), {}
    running = as_completed(with_results=False)

    def send() -> None:
        for each in waiting:
            future = client.submit(worker_process.run, _task(each, options), pure=False, retries=1)
            names[future.key] = each
            running.add(future)
            return

    for _ in range(PER_WORKER * max(1, len(client.scheduler_info()["workers"]))):
        send()
    for future in running:
        each = names.pop(future.key)
        error = future.exception()
        yield _failed(each, error) if error else future.result()
        send()


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
