"""A lab's exercises proven by the judge that grades: blanks fail, solutions pass, mutants are caught as promised.

A mutant is a plausible wrong answer, a file that replaces a whole solution cell:

    tests/mutants/<lab>/<grade_id of the solution>/<name>.py

Its first line says the mistake and the check that must catch it: \"\"\"Forgets the target. Caught by fit-check.\"\"\"
To catch is to raise an AssertionError with a sentence, in that check cell. Three mutants per check at least, and no
mutant costs points of an exercise other than its own.

Only a lab's light cells run here (see grader.assignment), so an exercise depends on imports and `exercise-setup`
cells and on nothing the lesson computed; in return a whole lab's proof takes seconds.
"""

import ast
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader import assignment
from grader.assignment import Assignment, Check
from grader.judging.judge import Judge
from grader.records import Limits
from grader.sandbox.bubblewrap import Sandbox

MUTANTS = Path(__file__).resolve().parents[1] / "mutants"
FEWEST_MUTANTS = 3
PROMISE = re.compile(r"(?P<mistake>\S.*[.;:]) Caught by (?P<check>[\w-]+)\.")
# What nbgrader puts where it cuts a solution out; a test of the release compares.
STUB = "    # YOUR CODE HERE\n    raise NotImplementedError()\n"
EXAMPLE = """
import doctest
examples = doctest.DocTestParser().get_doctest({name}.__doc__, dict(globals()), "{name}", None, 0)
said = []
assert not doctest.DocTestRunner(verbose=False).run(examples, out=said.append).failed, "".join(said)
"""


@dataclass(frozen=True)
class Mutant:
    """One wrong answer: the solution cell it replaces, and the check that must catch it."""

    exercise: str
    name: str
    mistake: str
    caught_by: str
    source: str


def read_mutant(path: Path) -> Mutant:
    """Raises ValueError when the first line does not say the mistake and the check that catches it."""
    source = path.read_text(encoding="utf-8")
    found = PROMISE.fullmatch((ast.get_docstring(ast.parse(source)) or "").split("\n")[0])
    if not found:
        raise ValueError(f'{path.name} must open with """<the mistake>. Caught by <grade_id of a check>."""')
    return Mutant(path.parent.name, path.stem, found["mistake"], found["check"], source)


def mutants(lab: Assignment, root: Path = MUTANTS) -> tuple[Mutant, ...]:
    return tuple(read_mutant(path) for path in sorted((root / lab.name).glob("*/*.py")))


def mutant_faults(lab: Assignment, found: tuple[Mutant, ...]) -> Iterator[str]:
    """Mutants of no exercise, promises about no check of it, and checks with fewer than three mutants."""
    checks = {exercise.name: {check.name for check in exercise.checks} for exercise in lab.exercises}
    for mutant in found:
        if mutant.caught_by not in checks.get(mutant.exercise, ()):
            yield f"{mutant.exercise}/{mutant.name} names {mutant.caught_by}, which is no check of that exercise"
    counts = Counter(mutant.caught_by for mutant in found)
    for check in sorted(set().union(*checks.values())):
        if counts[check] < FEWEST_MUTANTS:
            yield f"{check} needs {FEWEST_MUTANTS} mutants that it must catch, but {counts[check]} name it"


def solved(lab: Assignment) -> dict[str, str]:
    """{cell id: source} of the solution cells."""
    return {cell.id: cell.source for cell in lab.notebook.cells if assignment.is_solution(cell)}


def blank(lab: Assignment) -> dict[str, str]:
    """{cell id: source} of the solution cells as they are handed out."""
    return {cell_id: assignment.SOLUTION_REGION.sub(STUB, source) for cell_id, source in solved(lab).items()}


def sandbox(lab: Assignment) -> Sandbox:
    """A sandbox for the lab; a bare process where bubblewrap is missing, for these answers are the project's own."""
    return Sandbox(lab.setup, sandboxed=shutil.which("bwrap") is not None)


class Witness(Judge):
    """A judge that keeps what each check raised: a result's hint does not tell an assert from another error."""

    def lost(self, cells: dict[str, str]) -> dict[str, tuple[str, str]]:
        """{check: (kind, message) of what it raised} for each check on which these answers lose points."""
        self.raised: dict[str, tuple[str, str]] = {}
        results = self.grade(list(cells.items())).results
        return {
            result.check: self.raised.get(result.check, ("Stopped", result.hint))
            for result in results
            if result.earned < result.points
        }

    def error_of(self, check: Check) -> BaseException | None:
        error = super().error_of(check)
        if error is not None:
            kind = "AssertionError" if isinstance(error, AssertionError) else type(error).__name__
            self.raised[check.name] = kind, str(error)
        return error


def proof_faults(lab: Assignment, found: tuple[Mutant, ...], box: Sandbox, limits: Limits | None = None) -> list[str]:
    """One sentence for each promise the exercises break; empty when the proof holds."""
    judge = Witness(lab, box, limits)
    return [
        *_solution_faults(judge),
        *_example_faults(lab, box),
        *_blank_faults(judge),
        *(fault for mutant in found for fault in _mutant_faults(judge, mutant)),
    ]


def _solution_faults(judge: Witness) -> Iterator[str]:
    for check, (kind, message) in judge.lost(solved(judge.assignment)).items():
        yield f"the solution fails in {check}: {kind} {message}"


def _example_faults(lab: Assignment, box: Sandbox) -> Iterator[str]:
    """Runs the examples in the docstring of each exercise's function, where the solutions are defined."""
    functions = [exercise.function for exercise in lab.exercises]
    examples = [(f"the docstring of {name}", EXAMPLE.format(name=name)) for name in functions]
    with box.guest(Limits()) as guest:
        for name, source in [*solved(lab).items(), *examples]:
            problem = guest.run_cell(name, source, time.monotonic() + Limits().exercise_s)
            if problem:
                yield f"the solution fails in {name}: {problem['name']} {problem['message']}"


def _blank_faults(judge: Witness) -> Iterator[str]:
    """What students see of a check comes first in it, so a blank that fails there fails in the whole check too."""
    lab = judge.assignment
    shown = [
        replace(exercise, checks=tuple(replace(check, source=check.visible) for check in exercise.checks))
        for exercise in lab.exercises
    ]
    judge.assignment = replace(lab, exercises=tuple(shown))
    lost = judge.lost(blank(lab))
    judge.assignment = lab
    for check in [check.name for exercise in lab.exercises for check in exercise.checks]:
        if check not in lost:
            yield f"the blank passes the visible part of {check}"


def _mutant_faults(judge: Witness, mutant: Mutant) -> Iterator[str]:
    name = f"{mutant.exercise}/{mutant.name}"
    (exercise,) = [each for each in judge.assignment.exercises if each.name == mutant.exercise]
    lost = judge.lost(solved(judge.assignment) | {exercise.cell_id: mutant.source})
    others = sorted(set(lost) - {check.name for check in exercise.checks})
    if others:
        yield f"{name} costs points on {', '.join(others)}, which is no check of {exercise.name}"
    if mutant.caught_by not in lost:
        yield f"{name} passes {mutant.caught_by}, which must catch it; it fails in {', '.join(lost) or 'no check'}"
        return
    kind, message = lost[mutant.caught_by]
    if kind != "AssertionError" or len(message.split()) < 4:
        yield f"{name} ends {mutant.caught_by} in {kind}: {message!r}, not in an assert with a sentence"
