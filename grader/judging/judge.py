"""Judging one submission: its cells run in the sandbox, its checks run here, and only plain values pass between them.

A check cell is the instructor's code. It runs in this process, where the name of a student's function stands for a
call into the sandbox; so it compares values that the student's code can no longer touch.
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
from grader.sandbox.remote import Job, Stopped
from utils import checks

REASONS = {
    "time": "It did not end in time.",
    "memory": "It needed more memory than is allowed.",
    "processes": "It started more processes than is allowed.",
    "output": "It printed more than is allowed.",
    "ended": "It ended the process it ran in.",
    "garbled": "What it returned could not be read.",
}


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


class Judge:
    """Grades submissions of one lab, one after another."""

    def __init__(self, assignment: Assignment, sandbox: Sandbox, limits: Limits | None = None):
        self.assignment, self.sandbox, self.limits = assignment, sandbox, limits or Limits()
        self.names: dict[str, Any] = {"__name__": "__main__"}
        for name, source in assignment.setup:
            problem = _silently(worker.run_cell, name, source, self.names)
            if problem:
                raise RuntimeError(f"The setup cell {name} of {assignment.name} failed: {problem['message']}")
        self.fresh = dict(self.names)
        self.private: dict[str, tuple[str, random.Random]] = {}
        self.end = 0.0

    def grade(
        self,
        cells: Sequence[tuple[str, str]],
        lost: dict[str, str] | None = None,
        private: dict[str, tuple[str, random.Random]] | None = None,
    ) -> Outcome:
        """Run a submission's cells, (id, source) in order, and every check on what they define.

        lost: reasons by solution cell id, for exercises that could not be found. A cell that does not end costs its own
        exercise: the others are judged in a new process without it. private: further checks by exercise name, each with
        the generator it draws from.
        """
        self.private, self.end = private or {}, time.monotonic() + self.limits.total_s
        skipped = dict(lost or {})
        start, peak, printed = time.monotonic(), 0, ""
        while True:
            with self.sandbox.job(self.limits) as job:
                failed, results = self._attempt(job, [cell for cell in cells if cell[0] not in skipped], skipped)
            peak, printed = max(peak, job.peak_bytes), printed or bytes(job.printed).decode(errors="replace")
            if failed is None or failed[0] in skipped:
                return Outcome(tuple(results), time.monotonic() - start, peak, printed)
            skipped[failed[0]] = job.reason or failed[1]

    def _attempt(self, job: Job, cells, skipped: dict[str, str]) -> tuple[tuple[str, str] | None, list[CheckResult]]:
        """The results, or the cell that ended the job and why."""
        errors: dict[str, dict] = {}
        for cell_id, source in cells:
            try:
                problem = job.cell(cell_id, source, self._deadline())
            except Stopped as stop:
                return (cell_id, stop.reason), []
            if problem:
                errors[cell_id] = problem
        results: list[CheckResult] = []
        for exercise in self.assignment.exercises:
            reason = skipped.get(exercise.cell_id)
            if reason:
                results += [zero(check, REASONS.get(reason, reason)) for check in exercise.checks]
                continue
            try:
                results += self._check_all(job, exercise, errors.get(exercise.cell_id))
            except Stopped as stop:
                return (exercise.cell_id, stop.reason), []
        return None, results

    def _deadline(self) -> float:
        return min(self.end, time.monotonic() + self.limits.exercise_s)

    def _check_all(self, job: Job, exercise: Exercise, problem: dict | None) -> list[CheckResult]:
        deadline = self._deadline()
        self.names.clear()
        self.names.update(self.fresh)
        for each in self.assignment.exercises:
            self.names[each.function] = self._remote(job, each.function, deadline)
        results = [self._check(check, problem) for check in exercise.checks]
        return self._with_private(exercise, results) if exercise.name in self.private else results

    def _with_private(self, exercise: Exercise, results: list[CheckResult]) -> list[CheckResult]:
        """The last check's points are lost when all are earned and a private check does not hold."""
        source, rng = self.private[exercise.name]
        self.names["rng"] = rng
        further = self._check(replace(exercise.checks[-1], source=source, visible=""), None)
        if further.earned or not all(result.earned for result in results):
            return results
        return [*results[:-1], zero(exercise.checks[-1], "A further check of your instructor's did not hold.")]

    def _remote(self, job: Job, function: str, deadline: float) -> Callable:
        def call(*arguments, **options):
            return job.call(function, arguments, options, self.fresh, deadline)

        call.__name__ = function
        return call

    def _check(self, check: Check, problem: dict | None) -> CheckResult:
        try:
            _silently(exec, _compiled(check.source, f"<{check.name}>"), self.names)
        except Stopped:
            raise
        except checks.Failed as error:
            return zero(check, error.hint)
        except AssertionError as error:
            return zero(check, str(error) if str(error) in check.visible else "")
        except BaseException:
            return zero(check, _said(problem) if problem else "")
        return CheckResult(check.name, check.title, check.points, check.points)


@functools.cache
def _compiled(source: str, name: str) -> CodeType:
    return compile(source, name, "exec")


def _said(problem: dict) -> str:
    return f"Its cell ended in {problem['name']}: {problem['message'][:200]}"


def _silently(function: Callable, *arguments) -> Any:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return function(*arguments)
