"""Judging one submission: its cells run in one sandbox, its checks in another, and one line of JSON comes out.

A check cell is the instructor's code. It runs in the checks' sandbox (`sandbox.checking`), where the name of a
student's function stands for a call into the guest's; so it compares values that the student's code can no longer
touch, and the hidden part of a check is never in the same process as a submission. This module is outside both: it
starts the processes, and takes from the report what the schema allows, which is which checks hold and a hint for each.

This has a price for whoever writes checks: a check that calls the function 100,000 times is slow, its visible part runs
twice, first alone and then before the hidden one, and an object without a plain form arrives as an `Opaque`. Pass
inputs, compare what comes back.
"""

import contextlib
import json
import re
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grader.assignment import Assignment, Check, Exercise, zero
from grader.records import CheckResult, Limits
from grader.sandbox import bubblewrap
from grader.sandbox.bubblewrap import CHECKS, SUBMISSION, Sandbox

HINTS_BY_REASON = {
    "time": "It did not end in time.",
    "memory": "It needed more memory than is allowed.",
    "processes": "It started more processes than is allowed.",
    "output": "It printed more than is allowed.",
    "ended": "It ended the process it ran in.",
    "garbled": "What it returned could not be read.",
    "checks": "What it returned could not be compared in the time and memory allowed.",
}
# After these an exercise may have been the victim of another one's cell, which broke the interpreter that they share.
INHERITED_REASONS = ("ended", "garbled")
TOO_MANY_HINT = "Too many cells of this submission ended the process they ran in."
# Beside one for each exercise: cells that a student has added may end the process too.
MOST_STOPS = 12
MAX_HINT_CHARACTERS = 500
MAX_REPORT_BYTES = 2**20
# What the checks' side may take longer than the submission that it waits for.
GRACE_S = 10.0


@dataclass(frozen=True)
class Raised:
    """What a check raised. visible: in the part that students see."""

    kind: str
    message: str
    visible: bool


@dataclass(frozen=True)
class Outcome:
    """What came of one submission's exercises. seconds, peak_bytes: spent in the sandbox.

    raised: what checks raised, by check; it may hold hidden values.
    """

    results: tuple[CheckResult, ...]
    seconds: float
    peak_bytes: int
    printed: str
    raised: dict[str, Raised]

    @property
    def earned(self) -> float:
        """Points in all."""
        return sum(result.earned for result in self.results)


@dataclass
class _Submission:
    """One submission while it is judged. skipped: hints by the ids of cells that do not run. end: by time.monotonic().

    places: how many cells stand above an exercise's check.
    reports: by check, what the schema lets through. stops: how often it ended a process.
    """

    cells: list[tuple[str, str]]
    skipped: dict[str, str]
    private: dict[str, tuple[str, str]]
    places: dict[str, int]
    end: float
    reports: dict[str, dict]
    peak_bytes: int = 0
    printed: str = ""
    stops: int = 0


class Judge:
    """Grades submissions of one lab, one after another. A context manager: its two sandboxes hold much memory."""

    def __init__(self, assignment: Assignment, limits: Limits | None = None, sandboxed: bool = True):
        self.assignment, self.limits = assignment, limits or Limits()
        self.guests = Sandbox(SUBMISSION, {"cells": assignment.setup}, sandboxed)
        self.checks = Sandbox(CHECKS, {"cells": assignment.setup, "exercises": _as_json(assignment)}, sandboxed)

    def __enter__(self) -> "Judge":
        # Here too, for a worker on another machine: what that lacks is no student's fault.
        if self.guests.sandboxed:
            bubblewrap.require()
        with contextlib.ExitStack() as unfinished:
            # Where one cannot load, the other must not stay.
            unfinished.callback(self.close)
            # Beside each other: each takes seconds.
            for box in (self.guests, self.checks):
                box.begin()
            for box in (self.guests, self.checks):
                box.wait_until_ready()
            unfinished.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """End both sandboxes and everything in them."""
        self.guests.close()
        self.checks.close()

    def grade(
        self,
        cells: Sequence[tuple[str, str]],
        lost: dict[str, str] | None = None,
        private: dict[str, tuple[str, str]] | None = None,
        places: dict[str, int] | None = None,
    ) -> Outcome:
        """Run a submission's cells, (id, source) in order, and every check on what they define.

        lost: reasons by solution cell id, for exercises that could not be found. private: further checks by exercise
        name, each with the seed of what it draws. places: by solution cell id, how many cells stand above its check.

        A cell that does not end, or ends its process, costs its own exercise alone: all others are run again, in new
        processes, without it. And an exercise that fails gets a second try as it is in the notebook when its check
        runs, and without the other exercises' cells: one of them may have broken the interpreter that they share, and
        a cell below may have bound a name of its own again.
        """
        start = time.monotonic()
        end = start + self.limits.total_s
        submission = _Submission(list(cells), dict(lost or {}), private or {}, places or {}, end, {})
        lost_ids = set(submission.skipped)
        self._together(submission)
        for exercise in self._victims(submission, lost_ids):
            self._alone(submission, exercise)
        results = [
            self._result(check, submission) for exercise in self.assignment.exercises for check in exercise.checks
        ]
        raised = {name: Raised(**report["raised"]) for name, report in submission.reports.items() if report["raised"]}
        seconds = time.monotonic() - start
        return Outcome(tuple(results), seconds, submission.peak_bytes, submission.printed, raised)

    def _together(self, submission: _Submission) -> None:
        """All cells and all exercises, again without each cell that ends the process."""
        exercises = list(self.assignment.exercises)
        while True:
            stopped_by, hint, reports = self._attempt(submission, submission.cells, exercises, submission.skipped)
            if stopped_by is None:
                submission.reports = reports
                return
            submission.stops += 1
            # Named twice is no progress: without this test the loop might never end. And each attempt takes its time,
            # also when a submission has none left.
            spent = submission.stops > len(exercises) + MOST_STOPS or time.monotonic() > submission.end
            if stopped_by in submission.skipped or spent:
                submission.reports = {
                    check.name: _report(submission.skipped.get(exercise.cell_id, TOO_MANY_HINT))
                    for exercise in exercises
                    for check in exercise.checks
                }
                return
            submission.skipped[stopped_by] = hint

    def _victims(self, submission: _Submission, lost: set[str]) -> Iterator[Exercise]:
        """Exercises that failed, and may have failed through no fault of their own."""
        answered = {exercise.cell_id for exercise in self.assignment.exercises} & {at for at, _ in submission.cells}
        inherited = {HINTS_BY_REASON[reason] for reason in INHERITED_REASONS}
        for exercise in self.assignment.exercises:
            reports = [submission.reports[check.name] for check in exercise.checks]
            failed = [report for report in reports if not report["earned"]]
            others = answered - {exercise.cell_id}
            if not failed or exercise.cell_id in lost or exercise.cell_id not in answered or not others:
                continue
            stopped = submission.skipped.get(exercise.cell_id)
            unanswered = all((report["raised"] or {}).get("kind") == "NotImplementedError" for report in failed)
            if stopped in inherited or (stopped is None and not unanswered):
                yield exercise

    def _alone(self, submission: _Submission, exercise: Exercise) -> None:
        """One exercise with what stands above its check, without the cells of exercises that it does not name.

        Its result counts where it is better.
        """
        if time.monotonic() > submission.end:
            return
        source = dict(submission.cells)[exercise.cell_id]
        others = {
            each.cell_id
            for each in self.assignment.exercises
            if each is not exercise and not re.search(rf"\b{each.function}\b", source)
        }
        above = submission.cells[: submission.places.get(exercise.cell_id)]
        cells = [cell for cell in above if cell[0] not in others]
        skipped = {at: hint for at, hint in submission.skipped.items() if at != exercise.cell_id}
        stopped_by, _, reports = self._attempt(submission, cells, [exercise], skipped)
        better = sum(report["earned"] for report in reports.values())
        if stopped_by is None and better > sum(submission.reports[name]["earned"] for name in reports):
            submission.reports |= reports

    def _attempt(
        self,
        submission: _Submission,
        cells: Sequence[tuple[str, str]],
        exercises: Sequence[Exercise],
        skipped: dict[str, str],
    ) -> tuple[str | None, str, dict[str, dict]]:
        """One run in two new processes: the cell that stopped it and the hint for that, or the reports by check."""
        task = {
            "cells": [cell for cell in cells if cell[0] not in skipped],
            "skipped": skipped,
            "exercises": [exercise.name for exercise in exercises],
            "exercise_s": self.limits.exercise_s,
            "total_s": max(0.0, submission.end - time.monotonic()),
            "private": submission.private,
        }
        with self.guests.guest(self.limits) as guest:
            near, far = socket.socketpair()
            # A copy of the guest's socket: the checks speak on it, and ours hangs up when too much is printed. The
            # process of the checks has the same limits; what it prints is thrown away.
            with near, self.checks.fork(self.limits, (guest.calls.dup(), far)):
                line = _exchange(near, task)
        submission.peak_bytes = max(submission.peak_bytes, guest.peak_bytes)
        submission.printed = submission.printed or bytes(guest.printed).decode(errors="replace")
        expected = {check.name for exercise in exercises for check in exercise.checks}
        report = _read_report(line, expected, {at for at, _ in task["cells"]} | {each.cell_id for each in exercises})
        if report is None:
            return self._without_report(submission, cells, exercises, skipped)
        # The sandbox's own reason wins: a guest killed for its memory looks from the checks like one that ended.
        reason = guest.reason or report["reason"]
        return report["stopped_by"], HINTS_BY_REASON.get(reason, HINTS_BY_REASON["ended"]), report["results"]

    def _without_report(
        self,
        submission: _Submission,
        cells: Sequence[tuple[str, str]],
        exercises: Sequence[Exercise],
        skipped: dict[str, str],
    ) -> tuple[str | None, str, dict[str, dict]]:
        """The process of the checks has ended without a word: exercise by exercise, so that one alone pays for it."""
        reports: dict[str, dict] = {}
        if len(exercises) == 1:
            (exercise,) = exercises
            return None, "", {check.name: _report(HINTS_BY_REASON["checks"]) for check in exercise.checks}
        for exercise in exercises:
            stopped_by, hint, found = self._attempt(submission, cells, [exercise], skipped)
            if stopped_by is not None:
                return stopped_by, hint, {}
            reports |= found
        return None, "", reports

    def _result(self, check: Check, submission: _Submission) -> CheckResult:
        report = submission.reports[check.name]
        if report["earned"]:
            return CheckResult(check.name, check.title, check.points, check.points)
        return zero(check, report["hint"])


def _as_json(assignment: Assignment) -> list[dict[str, Any]]:
    """The exercises as `run_checks.prepare` reads them."""
    return [
        {
            "name": exercise.name,
            "cell_id": exercise.cell_id,
            "function": exercise.function,
            "checks": [
                {"name": check.name, "source": check.source, "visible": check.visible} for check in exercise.checks
            ],
        }
        for exercise in assignment.exercises
    ]


def _exchange(connection: socket.socket, task: dict) -> bytes:
    """Send the task and wait for the report, or what of it comes in time; it is no longer than MAX_REPORT_BYTES."""
    end, line = time.monotonic() + task["total_s"] + GRACE_S, bytearray()
    with contextlib.suppress(OSError):
        connection.settimeout(task["total_s"] + GRACE_S)
        connection.sendall(json.dumps(task).encode() + b"\n")
        while not line.endswith(b"\n") and len(line) < MAX_REPORT_BYTES:
            # One deadline for all: a socket's own timeout begins anew with each part.
            connection.settimeout(max(0.001, end - time.monotonic()))
            part = connection.recv(MAX_REPORT_BYTES - len(line))
            if not part:
                break
            line += part
    return bytes(line)


def _read_report(line: bytes, checks: set[str], cells: set[str]) -> dict[str, Any] | None:
    """The report when it fits the schema of `run_checks`, with nothing in it that was not asked for; else None.

    Its process has read what a student's code has sent. Whatever took it over could say that a check holds, but could
    say it of this submission alone, and could do nothing more.
    """
    with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
        report = json.loads(line)
        stopped_by, reason = report["stopped_by"], report["reason"]
        results = {name: _checked(result) for name, result in report["results"].items()}
        if stopped_by is None and set(results) == checks:
            return {"stopped_by": None, "reason": "", "results": results}
        if type(stopped_by) is str and stopped_by in cells and reason in HINTS_BY_REASON:
            return {"stopped_by": stopped_by, "reason": reason, "results": {}}
    return None


def _checked(result: dict) -> dict[str, Any]:
    """Raises TypeError for a result of another form."""
    earned, hint, raised = result["earned"], result["hint"], result["raised"]
    if type(earned) is not bool or type(hint) is not str:
        raise TypeError
    if raised is not None:
        raised = {"kind": str(raised["kind"]), "message": str(raised["message"]), "visible": raised["visible"] is True}
    printable = "".join(sign if sign.isprintable() else " " for sign in hint[:MAX_HINT_CHARACTERS])
    return {"earned": earned, "hint": printable, "raised": raised}


def _report(hint: str) -> dict[str, Any]:
    return {"earned": False, "hint": hint, "raised": None}
