"""One submission's checks, run in a sandbox of their own: the payload of a fork server that holds one lab's checks.

The check cells are the instructor's code, and what they compare comes from a student's. So they run where nothing is to
be had: no network, no gradebook, no file of a class, no other lab's checks; in a process that is forked anew for every
attempt at a submission, from one in which no submission has ever run. Whatever happens here ends with that student.

In, one line of JSON, the task:
    {"cells": [[id, source], ...], "skipped": {cell id: hint}, "exercises": [name, ...], "exercise_s", "total_s",
     "private": {exercise: [source, seed in hexadecimal digits]}}
Out, one line of JSON, the report:
    {"results": {check: {"earned": bool, "hint": str, "raised": {"kind", "message", "visible"} or null}},
     "stopped_by": cell id or null, "reason": str}

stopped_by: the cell that ended the guest, or whose function did; then there are no results. raised: what the check
raised, and whether in its visible part, for the proof of the exercises; no student sees it.
"""

import ast
import contextlib
import faulthandler
import functools
import io
import json
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

from grader.sandbox.checking.remote import GuestClient, Stopped
from grader.sandbox.guest import worker
from utils import checks

# Not which input or why: the private check's text is nobody's business but its author's.
PRIVATE_HINT = "A further check of your instructor's did not hold."
UNSEEN_HINT = "It did not hold on an input that is not shown."
MAX_RAISED_CHARACTERS = 2000
GRACE_S, REPEAT_S = 2.0, 1.0


@dataclass(frozen=True)
class Check:
    """One check cell. visible: the part that students see."""

    name: str
    source: str
    visible: str

    @property
    def file(self) -> str:
        """What stands for a file's name in tracebacks."""
        return f"<cell {self.name}>"


@dataclass(frozen=True)
class Exercise:
    """A solution cell, the function it defines, its checks."""

    name: str
    cell_id: str
    function: str
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class State:
    """What every submission begins with: what the setup cells have left, and the lab's exercises."""

    prepared: worker.Prepared
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True)
class Result:
    """What came of a check. raised: kind and message of what it raised, and whether in its visible part."""

    earned: bool
    hint: str = ""
    raised: dict[str, Any] | None = None

    def as_json(self) -> dict:
        """For the report."""
        return {"earned": self.earned, "hint": self.hint, "raised": self.raised}


def prepare(setup: dict[str, Any]) -> State:
    """Run the setup cells and compile the checks, once. setup: {"cells", "exercises"}, as `judge` writes them."""
    prepared = worker.prepare(setup)
    exercises = tuple(
        Exercise(each["name"], each["cell_id"], each["function"], tuple(Check(**check) for check in each["checks"]))
        for each in setup["exercises"]
    )
    for exercise in exercises:
        for check in exercise.checks:
            _compiled(check.visible, check.file)
            _compiled(check.source, check.file)
    return State(prepared, exercises)


def serve(state: State, sockets: Sequence[socket.socket]) -> None:
    """Judge one submission. sockets: to the guest, and for the task and the report."""
    calls, tasks = sockets
    worker.set_random_states(state.prepared.random_states)
    # A check may print a hidden input: nobody should see that.
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    with tasks.makefile("r") as lines:
        task = json.loads(lines.readline())
    report = Runner(state, GuestClient(calls), task).report()
    # ASCII, so that half of a surrogate pair out of a student's message can be sent.
    tasks.sendall(json.dumps(report).encode() + b"\n")


class Runner:
    """One attempt at one submission."""

    def __init__(self, state: State, guest: GuestClient, task: dict[str, Any]):
        self.state, self.guest, self.task = state, guest, task
        # Monotonic: setting the machine's clock must not end a submission or give it hours.
        self.end = time.monotonic() + task["total_s"]
        self.left_s = {exercise.name: task["exercise_s"] for exercise in state.exercises}
        self.namespace = state.prepared.namespace
        # Kept apart, since the namespace is emptied and filled again for every exercise.
        self.setup = dict(self.namespace)

    def report(self) -> dict[str, Any]:
        """Every cell, then the visible part of every check, then all of those that have held.

        What a function says of a visible input may be told. So no hidden one goes to the guest before: a function could
        keep it, and tell it as the message of an error on a visible input of the next check.
        """
        errors, at = {}, ""
        try:
            for at, source in self.task["cells"]:
                error = self.guest.run_cell(at, source, self._deadline())
                if error:
                    errors[at] = error
            results = {}
            for seen in (True, False):
                for exercise in self._exercises():
                    at = exercise.cell_id
                    results |= self._check_exercise(exercise, errors.get(at), seen, results)
        except Stopped as stop:
            return {"results": {}, "stopped_by": at, "reason": stop.reason}
        return {
            "results": {name: result.as_json() for name, result in results.items()},
            "stopped_by": None,
            "reason": "",
        }

    def _exercises(self) -> Iterator[Exercise]:
        return (each for each in self.state.exercises if each.name in self.task["exercises"])

    def _deadline(self) -> float:
        return min(self.end, time.monotonic() + self.task["exercise_s"])

    def _check_exercise(
        self, exercise: Exercise, error: dict | None, seen: bool, found: dict[str, Result]
    ) -> dict[str, Result]:
        """Its checks' visible parts, or else all of those that have held so far. error: what its cell raised.

        found: what came of the visible parts.
        """
        skipped = self.task["skipped"].get(exercise.cell_id)
        if skipped is not None:
            return {check.name: Result(False, skipped) for check in exercise.checks}
        start = time.monotonic()
        # Shared, so that an exercise with ten checks cannot take ten times as long.
        deadline = min(self.end, start + self.left_s[exercise.name])
        self._begin(deadline)
        with _alarm(deadline + GRACE_S):
            results = {
                check.name: self._check(check, error, seen)
                for check in exercise.checks
                if seen or found[check.name].earned
            }
            if not seen and exercise.name in self.task["private"]:
                results |= self._private(exercise, found | results)
        self.left_s[exercise.name] -= time.monotonic() - start
        return results

    def _begin(self, deadline: float) -> None:
        """The namespace in which an exercise's checks begin."""
        # A check of another exercise may have rebound a name of the setup, or left one of its own.
        self.namespace.clear()
        self.namespace.update(self.setup)
        # All functions, since a check may combine the answers of several exercises.
        for other in self.state.exercises:
            self.namespace[other.function] = self._remote_function(other.function, deadline)

    def _remote_function(self, function: str, deadline: float) -> Callable:
        """What a check calls by the name of a student's function."""

        def call(*args, **kwargs):
            return self.guest.call(function, args, kwargs, self.setup, deadline)

        # As the student's function is called: what a check raises may name it.
        call.__name__ = function
        return call

    def _private(self, exercise: Exercise, found: dict[str, Result]) -> dict[str, Result]:
        """The instructor's further check, on which the last check's points hang; only where all others hold."""
        if not all(found[check.name].earned for check in exercise.checks):
            return {}
        source, seed = self.task["private"][exercise.name]
        self.namespace["rng"] = random.Random(bytes.fromhex(seed))
        result = self._check(Check(f"{exercise.name} (private)", source, ""), None, seen=False)
        return {} if result.earned else {exercise.checks[-1].name: Result(False, PRIVATE_HINT, result.raised)}

    def _check(self, check: Check, cell_error: dict | None, seen: bool) -> Result:
        """Whether a check holds, and a hint that gives nothing hidden away. seen: of its visible part. Raises Stopped.

        Every check draws from the states that the setup has left: a function could leave others, and so choose what a
        check draws.
        """
        worker.set_random_states(self.state.prepared.random_states)
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                exec(_compiled(check.visible if seen else check.source, check.file), self.namespace)
        except Stopped:
            raise
        # Also SystemExit: a function that ends the process when it is called loses its points, and grading goes on.
        except BaseException as error:
            kind = "AssertionError" if isinstance(error, AssertionError) else type(error).__name__
            raised = {"kind": kind, "message": _said(error)[:MAX_RAISED_CHARACTERS], "visible": seen}
            return Result(False, self._hint(check, error, cell_error, seen), raised)
        return Result(True)

    def _hint(self, check: Check, error: BaseException, cell_error: dict | None, seen: bool) -> str:
        """What a student may read: the check's own hint, or what went wrong; values and messages of the visible part
        alone.
        """
        if cell_error is not None and not isinstance(error, checks.Failed):
            return f"Its cell ended in {cell_error['name']}: {cell_error['message'][:200]}{_place(cell_error)}"
        # By identity: a student's function may raise an AssertionError, or a Failed, with hidden inputs in its text.
        if self.guest.raised and self.guest.raised[0] is error:
            return _raised_hint(error, self.guest.raised[1], seen)
        if isinstance(error, checks.Failed):
            return _failed_hint(check, error, seen)
        if isinstance(error, AssertionError):
            # A plain assert's sentence may be told where students can read it in the check's visible part.
            return str(error) if str(error) and str(error) in check.visible else UNSEEN_HINT
        what = f": {_said(error)[:200]}" if seen else ", on an input that is not shown"
        return f"What it returned could not be checked, {_article(type(error).__name__)} came{what}."


def _failed_hint(check: Check, error: checks.Failed, seen: bool) -> str:
    """The hint with its subject, where that is written in the check and so holds no value of a student's."""
    if not error.hint and seen:
        return str(error)
    subject = error.what if error.what in _constants(check.source) else ""
    if subject and error.hint:
        return f"{subject[0].upper()}{subject[1:]}: {error.hint}"
    return error.hint or (f"{subject[0].upper()}{subject[1:]}: this did not hold." if subject else UNSEEN_HINT)


def _raised_hint(error: BaseException, description: dict, seen: bool) -> str:
    """What a student's function raised: all of it where the input can be seen, else the kind alone.

    The kind is Python's own: a student's class could carry a hidden input in its name.
    """
    kind = type(error).__name__
    if isinstance(error, NotImplementedError):
        return "It is not answered yet: the function raises NotImplementedError."
    if not seen:
        return f"The function raised {_article(kind)} on an input that the exercise allows and that is not shown."
    return f"The function raised {_article(kind)}: {description['message'][:200]}{_place(description)}"


def _place(description: dict) -> str:
    if not description["line"]:
        return "."
    return f" (line {description['line']}: {description['text'].strip()})."


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind}"


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # an error of ours that holds a value which cannot be shown
        return ""


@contextlib.contextmanager
def _alarm(end: float) -> Iterator[None]:
    """Raise Stopped in the block at `end`: a comparison of what came back may take for ever on this side too.

    Python runs a signal's handler between its own steps alone. A step that does not end, such as == between lists that
    hold lists, ends this process instead.
    """

    def stop(*_):
        raise Stopped("time")

    signal.signal(signal.SIGALRM, stop)
    remaining_s = max(0.01, end - time.monotonic())
    # Again and again: what is raised in a destructor gets lost.
    signal.setitimer(signal.ITIMER_REAL, remaining_s, REPEAT_S)
    # Its traceback goes where all that is printed here goes.
    faulthandler.dump_traceback_later(remaining_s + GRACE_S, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)


@functools.cache
def _compiled(source: str, name: str) -> CodeType:
    return compile(source, name, "exec")


@functools.cache
def _constants(source: str) -> frozenset[str]:
    """The strings that are written in a cell."""
    nodes = ast.walk(ast.parse(source))
    return frozenset(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
