"""Judging one submission: its cells run in the sandbox, its checks run here, and only plain values pass between them.

A check cell is the instructor's code. It runs in this process, where the name of a student's function stands for a
call into the sandbox (`sandbox.remote`); so it compares values that the student's code can no longer touch, and the
hidden part of a check is never in the same process as a submission.

This has a price for whoever writes checks: a check that calls the function 100,000 times is slow, and an object without
a plain form arrives as an `Opaque`. Pass inputs, compare what comes back.
"""

import contextlib
import functools
import io
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import CodeType
from typing import Any

from grader.assignment import Assignment, Check, Exercise, zero
from grader.records import CheckResult, Limits
from grader.sandbox.bubblewrap import Sandbox
from grader.sandbox.guest import worker
from grader.sandbox.remote import GuestClient, Stopped
from utils import checks

HINTS_BY_REASON = {
    "time": "It did not end in time.",
    "memory": "It needed more memory than is allowed.",
    "processes": "It started more processes than is allowed.",
    "output": "It printed more than is allowed.",
    "ended": "It ended the process it ran in.",
    "garbled": "What it returned could not be read.",
}
# Not which input or why: the private check's text is nobody's business but its author's.
PRIVATE_HINT = "A further check of your instructor's did not hold."


@dataclass(frozen=True)
class Outcome:
    """What came of one submission's exercises. seconds, peak_bytes: spent in the sandbox."""

    results: tuple[CheckResult, ...]
    seconds: float
    peak_bytes: int
    printed: str

    @property
    def earned(self) -> float:
        """Points in all."""
        return sum(result.earned for result in self.results)


@dataclass(frozen=True)
class _Attempt:
    """One run of a submission: its results, or the cell that ended the guest, and why."""

    results: tuple[CheckResult, ...] = ()
    stopped_by: str | None = None
    reason: str = ""


class Judge:
    """Grades submissions of one lab, one after another."""

    def __init__(self, assignment: Assignment, sandbox: Sandbox, limits: Limits | None = None):
        self.assignment, self.sandbox, self.limits = assignment, sandbox, limits or Limits()
        # Checks see what the setup cells define, as they do in the notebook; the guest has run the same cells.
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        for name, source in assignment.setup:
            error = _silently(worker.run_cell, name, source, self.namespace)
            if error:
                raise RuntimeError(f"The setup cell {name} of {assignment.name} failed: {error['message']}")
        self.setup_namespace = dict(self.namespace)
        self.private: dict[str, tuple[str, random.Random]] = {}
        self.end = 0.0

    def grade(
        self,
        cells: Sequence[tuple[str, str]],
        lost: dict[str, str] | None = None,
        private: dict[str, tuple[str, random.Random]] | None = None,
    ) -> Outcome:
        """Run a submission's cells, (id, source) in order, and every check on what they define.

        lost: reasons by solution cell id, for exercises that could not be found. private: further checks by exercise
        name, each with the generator it draws from.

        A cell that does not end, or ends its process, costs its own exercise alone: all others are run again, in a new
        guest, without it. So there are at most as many attempts as cells, and self.end bounds them together.
        """
        # Monotonic: setting the machine's clock must not end a submission or give it hours.
        self.private, self.end = private or {}, time.monotonic() + self.limits.total_s
        # By cell id: why it does not run. Grows by one cell with each attempt that fails.
        skipped = dict(lost or {})
        start, peak_bytes, printed = time.monotonic(), 0, ""
        while True:
            with self.sandbox.guest(self.limits) as guest:
                attempt = self._attempt(guest, [cell for cell in cells if cell[0] not in skipped], skipped)
            # What the sandbox has seen is known only now, when the guest has ended.
            peak_bytes = max(peak_bytes, guest.peak_bytes)
            printed = printed or bytes(guest.printed).decode(errors="replace")
            # Named twice is no progress: without this test the loop might never end.
            if attempt.stopped_by is None or attempt.stopped_by in skipped:
                return Outcome(attempt.results, time.monotonic() - start, peak_bytes, printed)
            # The sandbox's own reason wins: a guest killed for its memory looks from here like one that ended.
            skipped[attempt.stopped_by] = guest.reason or attempt.reason

    def _attempt(self, guest: GuestClient, cells: Sequence[tuple[str, str]], skipped: dict[str, str]) -> _Attempt:
        """Every cell, then every exercise's checks, in one guest."""
        errors: dict[str, dict] = {}
        for cell_id, source in cells:
            try:
                error = guest.run_cell(cell_id, source, self._deadline())
            except Stopped as stop:
                return _Attempt((), cell_id, stop.reason)
            if error:
                errors[cell_id] = error
        results: list[CheckResult] = []
        for exercise in self.assignment.exercises:
            reason = skipped.get(exercise.cell_id)
            if reason:
                # A reason that is no limit is a sentence of `repair`, and is told as it stands.
                results += [zero(check, HINTS_BY_REASON.get(reason, reason)) for check in exercise.checks]
                continue
            try:
                results += self._check_exercise(guest, exercise, errors.get(exercise.cell_id))
            except Stopped as stop:
                return _Attempt((), exercise.cell_id, stop.reason)
        return _Attempt(tuple(results))

    def _deadline(self) -> float:
        return min(self.end, time.monotonic() + self.limits.exercise_s)

    def _check_exercise(self, guest: GuestClient, exercise: Exercise, error: dict | None) -> list[CheckResult]:
        """All checks of one exercise; they share one deadline. error: what its cell raised."""
        # Shared, so that an exercise with ten checks cannot take ten times as long.
        deadline = self._deadline()
        # A check of another exercise may have rebound a name of the setup, or left one of its own.
        self.namespace.clear()
        self.namespace.update(self.setup_namespace)
        # All functions, since a check may combine the answers of several exercises.
        for other in self.assignment.exercises:
            self.namespace[other.function] = self._remote_function(guest, other.function, deadline)
        results = [self._check(check, error) for check in exercise.checks]
        return self._with_private(exercise, results) if exercise.name in self.private else results

    def _remote_function(self, guest: GuestClient, function: str, deadline: float) -> Callable:
        """What a check calls by the name of a student's function."""

        def call(*args, **kwargs):
            return guest.call(function, args, kwargs, self.setup_namespace, deadline)

        # As the student's function is called: what a check raises may name it.
        call.__name__ = function
        return call

    def _check(self, check: Check, error: dict | None) -> CheckResult:
        """All of a check's points when it raises nothing, none otherwise, and a hint that gives nothing hidden away."""
        failed = self.error_of(check)
        if failed is None:
            return CheckResult(check.name, check.title, check.points, check.points)
        if isinstance(failed, checks.Failed):
            # Its hint is written for students; its message holds the values compared, which may be hidden ones.
            return zero(check, failed.hint)
        if isinstance(failed, AssertionError):
            # A plain assert's sentence may be told where students can read it in the check's visible part.
            return zero(check, str(failed) if str(failed) in check.visible else "")
        # What a student's function raised on an input that may be hidden: not told. What the cell raised is.
        return zero(check, _cell_error(error) if error else "")

    def error_of(self, check: Check) -> BaseException | None:
        """What the check cell raises, if anything. Raises Stopped when the submission's process ended first."""
        try:
            _silently(exec, _compiled(check.source, f"<{check.name}>"), self.namespace)
        except Stopped:
            raise
        # Also SystemExit: a function that ends the process when it is called loses its points, and grading goes on.
        except BaseException as error:
            return error
        return None

    def _with_private(self, exercise: Exercise, results: list[CheckResult]) -> list[CheckResult]:
        """The last check's points are lost when all are earned and a private check does not hold."""
        source, rng = self.private[exercise.name]
        self.namespace["rng"] = rng
        further = self._check(replace(exercise.checks[-1], source=source, visible=""), None)
        if further.earned or not all(result.earned for result in results):
            return results
        return [*results[:-1], zero(exercise.checks[-1], PRIVATE_HINT)]


@functools.cache
def _compiled(source: str, name: str) -> CodeType:
    """Cached: the same checks run for every student of a class."""
    return compile(source, name, "exec")


def _cell_error(error: dict) -> str:
    return f"Its cell ended in {error['name']}: {error['message'][:200]}"


def _silently(function: Callable, *arguments) -> Any:
    """Call a function whose output nobody should see: a check may print a hidden input."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return function(*arguments)
