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
from dataclasses import dataclass
from pathlib import Path

from grader import assignment
from grader.assignment import Assignment
from grader.judging.judge import Judge, Raised
from grader.records import Limits
from grader.sandbox.checking.remote import GuestClient

MUTANTS = Path(__file__).resolve().parents[1] / "mutants"
FEWEST_MUTANTS = 3
PROMISE = re.compile(r"(?P<mistake>\S.*[.;:]) Caught by (?P<check>[\w-]+)\.")
# How many arguments without a name a check has when its hint is the last of them.
ARGUMENTS_WITH_HINT = {"checks.equal": 4, "checks.close": 5, "checks.typed": 4, "checks.Failed": 2}
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


def without_hint(check: str) -> Iterator[str]:
    """What may fail in the hidden part of a check cell and leave a student without a word, as one sentence each.

    The sentence of a plain assert is never shown from there: it may hold a hidden input.
    """
    hidden = check.partition(assignment.BEGIN_HIDDEN)[2]
    for node in ast.walk(ast.parse(hidden)):
        if isinstance(node, ast.Assert) or (isinstance(node, ast.Raise) and "AssertionError" in ast.unparse(node)):
            yield f"a function of `checks` with a hint belongs in the place of: {ast.unparse(node)}"
        elif isinstance(node, ast.Call) and _needs_hint(node):
            yield f"a hint is missing in: {ast.unparse(node)}"


def _needs_hint(call: ast.Call) -> bool:
    """Whether a check that can have a hint has none."""
    name = ast.unparse(call.func)
    if any(keyword.arg == "hint" for keyword in call.keywords):
        return False
    return name == "checks.raises" or len(call.args) < ARGUMENTS_WITH_HINT.get(name, 0)


def solved(lab: Assignment) -> dict[str, str]:
    """{cell id: source} of the solution cells."""
    return {cell.id: cell.source for cell in lab.notebook.cells if assignment.is_solution(cell)}


def blank(lab: Assignment) -> dict[str, str]:
    """{cell id: source} of the solution cells as they are handed out."""
    return {cell_id: assignment.SOLUTION_REGION.sub(STUB, source) for cell_id, source in solved(lab).items()}


def judge(lab: Assignment, limits: Limits | None = None) -> Judge:
    """A judge of the lab; without a sandbox where bubblewrap is missing, for these answers are the project's own."""
    return Judge(lab, limits, sandboxed=shutil.which("bwrap") is not None)


def lost(judge: Judge, cells: dict[str, str]) -> dict[str, Raised]:
    """What each check raised on which these answers lose points: a hint does not tell an assert from another error."""
    outcome = judge.grade(list(cells.items()))
    return {
        result.check: outcome.raised.get(result.check, Raised("Stopped", result.hint, False))
        for result in outcome.results
        if result.earned < result.points
    }


def proof_faults(judge: Judge, found: tuple[Mutant, ...]) -> list[str]:
    """One sentence for each promise the exercises break; empty when the proof holds."""
    return [
        *_solution_faults(judge),
        *_example_faults(judge),
        *_blank_faults(judge),
        *(fault for mutant in found for fault in _mutant_faults(judge, mutant)),
    ]


def _solution_faults(judge: Judge) -> Iterator[str]:
    for check, raised in lost(judge, solved(judge.assignment)).items():
        yield f"the solution fails in {check}: {raised.kind} {raised.message}"


def _example_faults(judge: Judge) -> Iterator[str]:
    """Runs the examples in the docstring of each exercise's function, where the solutions are defined."""
    functions = [exercise.function for exercise in judge.assignment.exercises]
    examples = [(f"the docstring of {name}", EXAMPLE.format(name=name)) for name in functions]
    with judge.guests.guest(Limits()) as guest:
        client = GuestClient(guest.calls)
        for name, source in [*solved(judge.assignment).items(), *examples]:
            problem = client.run_cell(name, source, time.monotonic() + Limits().exercise_s)
            if problem:
                yield f"the solution fails in {name}: {problem['name']} {problem['message']}"


def _blank_faults(judge: Judge) -> Iterator[str]:
    """A blank fails in what students see of a check, which comes first in it."""
    found = lost(judge, blank(judge.assignment))
    for check in [check.name for exercise in judge.assignment.exercises for check in exercise.checks]:
        if check not in found or not found[check].visible:
            yield f"the blank passes the visible part of {check}"


def _mutant_faults(judge: Judge, mutant: Mutant) -> Iterator[str]:
    name = f"{mutant.exercise}/{mutant.name}"
    (exercise,) = [each for each in judge.assignment.exercises if each.name == mutant.exercise]
    found = lost(judge, solved(judge.assignment) | {exercise.cell_id: mutant.source})
    others = sorted(set(found) - {check.name for check in exercise.checks})
    if others:
        yield f"{name} costs points on {', '.join(others)}, which is no check of {exercise.name}"
    if mutant.caught_by not in found:
        yield f"{name} passes {mutant.caught_by}, which must catch it; it fails in {', '.join(found) or 'no check'}"
        return
    raised = found[mutant.caught_by]
    if raised.kind != "AssertionError" or len(raised.message.split()) < 4:
        yield f"{name} ends {mutant.caught_by} in {raised.kind}: {raised.message!r}, not in an assert with a sentence"
