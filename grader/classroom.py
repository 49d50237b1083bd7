"""A class graded: submissions in, rows out, on local workers or a Dask cluster, resumable at any moment."""

import functools
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from distributed import Client, as_completed
from tqdm import tqdm

from grader import assignment, formats, job, private, repair, sandbox
from grader.journal import Journal
from grader.judge import Judge, blank_results
from grader.likeness import shape
from grader.records import Rebuilt, Row, Submission
from utils.runtime import CourseError

PER_WORKER = 2


@dataclass(frozen=True)
class Options:
    """How to grade. private: a folder of further checks; secret: what varies their inputs from student to student."""

    sandboxed: bool = True
    private: str = ""
    secret: str = ""
    limits: job.Limits = field(default_factory=job.Limits)


@dataclass(frozen=True)
class Task:
    """One submission on its way to a worker. content: the file's bytes."""

    student: str
    assignment: str
    digest: str
    content: bytes
    unreadable: str
    notes: tuple[str, ...]
    private: dict[str, str]
    options: Options


def connect(scheduler: str | None, workers: int | None) -> Client:
    """A Dask cluster by address, or local processes, one per core unless told otherwise.

    Raises CourseError when no scheduler answers.
    """
    if scheduler is None:
        cores = len(os.sched_getaffinity(0))
        return Client(
            n_workers=workers or cores, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
        )
    try:
        return Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise CourseError(
            f"A Dask scheduler should answer at {scheduler}, but none did: start one or drop the option."
        ) from error


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
    lab = lab_digest(submission.assignment) if submission.assignment else ""
    parts = [submission.digest, submission.unreadable, *submission.notes, lab, options.secret]
    parts += sorted(_private(submission.assignment, options.private).values())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@functools.cache
def _private(name: str, folder: str) -> dict[str, str]:
    return private.read(folder, assignment.named(name)) if name else {}


@functools.cache
def lab_digest(name: str) -> str:
    """Of a solved lab's cells."""
    return hashlib.sha256(nbformat.writes(assignment.named(name).notebook).encode()).hexdigest()


def _graded(left: Sequence[Submission], client: Client, options: Options) -> Iterator[Row]:
    """Rows as they come; only a few submissions are in flight, so memory stays flat."""
    waiting, names = iter(sorted(left, key=lambda each: each.assignment)), {}
    running = as_completed(with_results=False)

    def send() -> None:
        for each in waiting:
            future = client.submit(run, _task(each, options), pure=False, retries=1)
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
    results = blank_results(assignment.named(submission.assignment), "")
    problem = f"It could not be graded: {type(error).__name__} in the grader."
    return Row(submission.student, submission.assignment, submission.digest, results, problem=problem)


_open: dict[tuple, Judge] = {}


def _judge(name: str, sandboxed: bool, limits: job.Limits) -> Judge:
    """This worker's judge; it keeps the sandbox of one lab open."""
    wanted = name, sandboxed, limits
    if wanted not in _open:
        while _open:
            _open.popitem()[1].sandbox.close()
        lab = assignment.named(name)
        _open[wanted] = Judge(lab, sandbox.Sandbox(lab.setup, sandboxed), limits)
    return _open[wanted]


def run(task: Task) -> Row:
    """Grade one submission, on a worker."""
    if not task.assignment:
        return Row(task.student, "", task.digest, (), task.notes, task.unreadable)
    lab = assignment.named(task.assignment)
    notebook, repairs = (None, [task.unreadable]) if task.unreadable else _read(task.content)
    if notebook is None:
        problem = repairs[0]
        return Row(task.student, task.assignment, task.digest, blank_results(lab, problem), problem=problem)
    rebuilt = repair.rebuild(notebook, lab)
    judge = _judge(task.assignment, task.options.sandboxed, task.options.limits)
    further = {
        name: (source, private.generator(task.options.secret, task.student, name))
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


def _read(content: bytes) -> tuple[nbformat.NotebookNode | None, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "submission.ipynb"
        path.write_bytes(content)
        return formats.read(path)


def _shapes(rebuilt: Rebuilt, lab: assignment.Assignment) -> tuple[tuple[str, str], ...]:
    sources = dict(rebuilt.cells)
    found = ((each.name, sources.get(each.cell_id)) for each in lab.exercises)
    return tuple((name, shape(source)) for name, source in found if source)
