"""The proof of a lab's exercises: the blank fails, the solution passes, every mutant is caught by a named check.

A mutant is a plausible wrong answer, a file that replaces a whole solution cell:

    tests/mutants/<lab>/<grade_id of the solution>/<name>.py

Its first line says the mistake and the check that must catch it: \"\"\"Forgets the target. Caught by fit-check.\"\"\"
To catch is to raise an AssertionError with a sentence, in that check cell. Three mutants per check at least.

Only a lab's light cells run here (see labs.light_cells), so an exercise depends on imports and `exercise-setup`
cells and on nothing the lesson computed; in return a whole lab's proof is one process of a few seconds.
"""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support import child_process, labs
from tests.support.labs import Lab

MUTANTS = Path(__file__).resolve().parents[1] / "mutants"
RUNNER = Path(__file__).resolve().parent / "exercise_runner.py"
FEWEST_MUTANTS = 3
PROMISE = re.compile(r"(?P<mistake>\S.*[.;:]) Caught by (?P<check>[\w-]+)\.")
Cells = list[tuple[str, str]]
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


@dataclass(frozen=True)
class CellError:
    """What a cell raised. cell: its grade_id, or its id where it has none."""

    cell: str
    kind: str
    message: str

    @property
    def is_sentence(self) -> bool:
        """Whether a learner can read it: an AssertionError of four words or more."""
        return self.kind == "AssertionError" and len(self.message.split()) >= 4


def read_mutant(path: Path) -> Mutant:
    """Raises ValueError when the first line does not say the mistake and the check that catches it."""
    source = path.read_text(encoding="utf-8")
    found = PROMISE.fullmatch((ast.get_docstring(ast.parse(source)) or "").split("\n")[0])
    if not found:
        raise ValueError(f'{path.name} must open with """<the mistake>. Caught by <grade_id of a check>."""')
    return Mutant(path.parent.name, path.stem, found["mistake"], found["check"], source)


def mutants(lab: Lab, root: Path = MUTANTS) -> tuple[Mutant, ...]:
    return tuple(read_mutant(path) for path in sorted((root / lab.name).glob("*/*.py")))


def mutant_faults(lab: Lab, found: tuple[Mutant, ...]) -> Iterator[str]:
    """Mutants of no exercise, promises about no check of it, and checks with fewer than three mutants."""
    checks = {labs.grade_id(each.solution): set(map(labs.grade_id, each.checks)) for each in labs.exercises(lab)}
    for mutant in found:
        if mutant.caught_by not in checks.get(mutant.exercise, ()):
            yield f"{mutant.exercise}/{mutant.name} names {mutant.caught_by}, which is no check of that exercise"
    counts = Counter(mutant.caught_by for mutant in found)
    for check in sorted(set().union(*checks.values())):
        if counts[check] < FEWEST_MUTANTS:
            yield f"{check} needs {FEWEST_MUTANTS} mutants that it must catch, but {counts[check]} name it"


def cell_name(cell) -> str:
    return cell.metadata.nbgrader.grade_id if "nbgrader" in cell.metadata else cell.id


def cells(lab: Lab, replaced: dict[str, str] | None = None) -> Cells:
    """The lab's light cells as (name, source), some sources replaced by name."""
    replaced = replaced or {}
    return [(name, replaced.get(name, cell.source)) for cell in labs.light_cells(lab) for name in [cell_name(cell)]]


def worked_examples(lab: Lab) -> Cells:
    """One cell per exercise that runs the examples in the docstring of its function."""
    functions = [labs.syntax(exercise.solution).body[0].name for exercise in labs.exercises(lab)]
    return [(f"the docstring of {name}", EXAMPLE.format(name=name)) for name in functions]


def run(variants: dict[str, Cells], folder: Path) -> dict[str, list[CellError]]:
    """The errors of each variant's cells, all variants in one watched process that works in `folder`.

    Raises RuntimeError when the process did not end by itself.
    """
    given, came = folder / "variants.json", folder / "errors.json"
    given.write_text(json.dumps(variants), encoding="utf-8")
    outcome = child_process.python(RUNNER, given, came, folder=folder)
    if outcome.returncode != 0:
        raise RuntimeError(f"the exercises did not run through: {child_process.report(outcome)}")
    errors = json.loads(came.read_text(encoding="utf-8"))
    return {name: [CellError(*error) for error in found] for name, found in errors.items()}


def proof_faults(lab: Lab, release: Lab, found: tuple[Mutant, ...], folder: Path) -> list[str]:
    """One sentence for each promise the exercises break; empty when the proof holds.

    release: the blank that nbgrader made of `lab`, where each check shows only its visible part.
    """
    wrong = {f"{mutant.exercise}/{mutant.name}": cells(lab, {mutant.exercise: mutant.source}) for mutant in found}
    solved = cells(lab) + worked_examples(lab)
    errors = run({"solution": solved, "blank": cells(release), **wrong}, folder)
    faults = [f"the solution fails in {error.cell}: {error.kind} {error.message}" for error in errors["solution"]]
    faults += _blank_faults(lab, errors["blank"])
    for mutant in found:
        faults += _mutant_faults(lab, mutant, errors[f"{mutant.exercise}/{mutant.name}"])
    return faults


def _checks(lab: Lab) -> set[str]:
    return {labs.grade_id(cell) for cell in lab.cells if labs.is_check(cell)}


def _blank_faults(lab: Lab, errors: list[CellError]) -> Iterator[str]:
    for check in sorted(_checks(lab) - {error.cell for error in errors}):
        yield f"the blank passes the visible part of {check}"
    yield from _elsewhere(lab, "the blank", errors)


def _mutant_faults(lab: Lab, mutant: Mutant, errors: list[CellError]) -> Iterator[str]:
    name = f"{mutant.exercise}/{mutant.name}"
    yield from _elsewhere(lab, name, errors)
    caught = [error for error in errors if error.cell == mutant.caught_by]
    if not caught:
        others = ", ".join(error.cell for error in errors) or "no check"
        yield f"{name} passes {mutant.caught_by}, which must catch it; it fails in {others}"
    for error in caught:
        if not error.is_sentence:
            yield f"{name} ends {error.cell} in {error.kind}: {error.message!r}, not in an assert with a sentence"


def _elsewhere(lab: Lab, name: str, errors: list[CellError]) -> Iterator[str]:
    for error in errors:
        if error.cell not in _checks(lab):
            yield f"{name} fails outside the checks, in {error.cell}: {error.kind} {error.message}"
