"""A submitted notebook put back into the form of the released one, and every repair told to the student."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from nbformat import NotebookNode

from grader.assignment import Assignment, Exercise
from grader.intake.notebook_file import read
from grader.records import Rebuilt
from grader.repair import lesson_cells, match_cells, source_code
from grader.repair.match_cells import Cell, Match, Released
from grader.repair.split_cells import added_definitions, separated

__all__ = ["read", "rebuild"]
MOST_TOLD = 40
HOW = {
    "grade_id": "its cell had another id and was found by its nbgrader metadata",
    "function": "its cell was found by the function that it defines",
    "merged": "its function stood in another cell and was taken out of it",
}


def rebuild(notebook: NotebookNode, assignment: Assignment) -> Rebuilt:
    """The cells to run, in the released order, with one sentence for each repair.

    A released check cell never runs, and a lesson cell only where a solution takes a name from it. Where a cell stands
    twice, the first that was answered counts. What a student added stays, under names of ours.
    """
    given = match_cells.released(assignment)
    rebuilding = _Rebuilding(assignment, given, match_cells.matches(match_cells.submitted(notebook), given))
    return rebuilding.result()


@dataclass(frozen=True)
class _Run:
    """A source that runs. place: orders them. cell_id: the exercise's, or "" for what the student added."""

    place: tuple[int, int]
    source: str
    cell_id: str = ""


@dataclass
class _Rebuilding:
    assignment: Assignment
    given: list[Released]
    found: list[Match]
    repairs: list[str] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)

    def result(self) -> Rebuilt:
        """All steps."""
        chosen = {exercise: match for exercise in self.assignment.exercises if (match := self._choose(exercise))}
        runs = [run for match in self.found for run in self._runs(match, chosen)]
        runs += self._definitions([run.source for run in runs], list(chosen.values()))
        self._report_others()
        runs = self._in_order(sorted(runs, key=lambda run: run.place))
        names = iter(f"added-{number}" for number in range(1, len(runs) + 1))
        cells = (*self._lesson(runs), *((run.cell_id or next(names), run.source) for run in runs))
        told = list(dict.fromkeys(self.repairs))
        if len(told) > MOST_TOLD:
            told[MOST_TOLD:] = [f"{len(told) - MOST_TOLD} more repairs were made."]
        return Rebuilt(cells, tuple(told), tuple(self.lost))

    def _lesson(self, runs: list[_Run]) -> list[tuple[str, str]]:
        """The lesson's cells that the runs cannot do without."""
        cells = lesson_cells.needed(self.assignment, [run.source for run in runs])
        for _, source in cells:
            self.repairs.append(
                f"The lesson's cell {match_cells.opening(source)!r} ran too: your code takes a name from it."
            )
        return cells

    def _choose(self, exercise: Exercise) -> Match | None:
        """The cell that answers an exercise; None, and a reason, where there is none."""
        own = [match for match in self.found if match.released and match.released.cell_id == exercise.cell_id]
        own.sort(key=lambda match: match.how != "id")
        others = [match for match in self.found if match not in own and self._may_answer(match, exercise)]
        others.sort(key=lambda match: match.released is not None)
        blank = next(each for each in self.given if each.cell_id == exercise.cell_id).texts[0]
        defining = [match for match in own if source_code.defines(match.cell.source, exercise.function)] + others
        answered = [match for match in defining if not source_code.same(match.cell.source, blank)]
        best = next(iter(answered or defining), None)
        if best is None:
            self.lost.append((exercise.cell_id, _undefined(exercise, own)))
            return None
        how = best.how if best in own else "function" if best.released is None else "merged"
        self._report_choice(exercise, Match(best.cell, best.released, how))
        return best

    def _may_answer(self, match: Match, exercise: Exercise) -> bool:
        """Whether a cell that is not the exercise's own defines its function, other than as it was released."""
        if not source_code.defines(match.cell.source, exercise.function):
            return False
        given = match.released.texts if match.released else ()
        return not any(source_code.defines(text, exercise.function) for text in given)

    def _report_choice(self, exercise: Exercise, match: Match) -> None:
        cell, say = match.cell, lambda what: self.repairs.append(f"{exercise.name}: {what}.")
        if match.how in HOW:
            say(HOW[match.how])
        elif not any(cell.grade_ids):
            say("its cell had lost its nbgrader metadata and was found by its id")
        if cell.kind != "code":
            say(f"its cell was no longer a code cell but {'Markdown' if cell.kind == 'markdown' else 'raw text'}")
        if cell.parts > 1:
            say(f"its cell was split into {cell.parts}, which were put together")

    def _runs(self, match: Match, chosen: dict[Exercise, Match]) -> Iterator[_Run]:
        """What of one submitted cell runs."""
        cell, mine = match.cell, [exercise for exercise, each in chosen.items() if each is match]
        if not mine and (cell.kind != "code" or not _is_added(match)):
            return
        if cell.taken:
            whose = mine[0].name if mine else "A cell that you added"
            self.repairs.append(f"{whose}: {match_cells.opening(cell.taken[0])!r} is no Python and was taken out.")
        if mine:
            yield from self._answers(cell, mine, match)
        elif not source_code.does_nothing(cell.source) and not self._is_copy(cell, match, chosen):
            yield _Run((cell.place, 0), cell.source)

    def _answers(self, cell: Cell, mine: list[Exercise], match: Match) -> Iterator[_Run]:
        parts, left_out = separated(cell, mine, self.given, match.released)
        if left_out:
            self.repairs.append(f"{mine[0].name}: its cell also held parts of other cells, which were left out.")
        for index, (exercise, source) in enumerate(parts):
            yield _Run((cell.place, index), source, exercise.cell_id if exercise else "")

    def _is_copy(self, cell: Cell, match: Match, chosen: dict[Exercise, Match]) -> bool:
        """Whether a cell repeats an exercise's, under its name or with its source, or is the blank it had."""
        for exercise, best in chosen.items():
            if not source_code.defines(cell.source, exercise.function):
                continue
            if match.released and source_code.same(cell.source, match.released.texts[0]):
                return True
            if match.released or source_code.same(cell.source, best.cell.source):
                self.repairs.append(f"{exercise.name}: its cell stood twice; the first one answered counts.")
                return True
            self.repairs.append(f"{exercise.name}: two cells define {exercise.function}; the one below counts.")
        return False

    def _definitions(self, running: list[str], chosen: list[Match]) -> Iterator[_Run]:
        """Imports and functions that a student added to cells of ours, where the solutions use them."""
        ours = [match for match in self.found if match.released and match.released.role in ("setup", "lesson")]
        edited = [match for match in ours if match not in chosen]
        for cell, source in added_definitions(edited, self.given, running):
            line = match_cells.opening(source)
            self.repairs.append(f"{line!r}, which you added to a cell that is not yours, was kept for your solutions.")
            yield _Run((cell.place, 0), source)

    def _report_others(self) -> None:
        """Setup and check cells that are not as released: the course's own are used in any case."""
        checks = {check.name: exercise for exercise in self.assignment.exercises for check in exercise.checks}
        for each in self.given:
            if each.role not in ("setup", "check"):
                continue
            own = [match.cell for match in self.found if match.released == each]
            what = _difference(each, own)
            if what and each.role == "check" and each.name in checks:
                self.repairs.append(
                    f"{checks[each.name].name}: its check {each.name} {what}; the course's own was used."
                )
            elif what and each.role == "setup":
                self.repairs.append(f"The cell {each.name} {what}; the released one was used.")

    def _in_order(self, runs: list[_Run]) -> list[_Run]:
        """Solutions in the released order, in the places where solutions stand."""
        order = {exercise.cell_id: index for index, exercise in enumerate(self.assignment.exercises)}
        places = [index for index, run in enumerate(runs) if run.cell_id]
        came = [runs[index] for index in places]
        for place, run, before in zip(places, sorted(came, key=lambda run: order[run.cell_id]), came, strict=True):
            runs[place] = run
            if run is not before:
                name = self.assignment.exercises[order[run.cell_id]].name
                self.repairs.append(f"{name}: its cell had been moved and was put back into its place.")
        return runs


def _undefined(exercise: Exercise, own: list[Match]) -> str:
    """Why an exercise is lost."""
    if not own or not own[0].cell.source.strip():
        return f"{exercise.name}: its cell is missing, and no other defines the function {exercise.function}."
    begins = match_cells.opening(own[0].cell.source)
    return f"{exercise.name}: its cell, which begins {begins!r}, does not define the function {exercise.function}."


def _is_added(match: Match) -> bool:
    """Whether a cell that answers nothing is the student's own: no released one, or a part of a solution."""
    return match.released is None or match.released.role == "solution"


def _difference(given: Released, own: list[Cell]) -> str:
    """How the submitted copies of a released cell differ from it; "" where they do not."""
    if not own:
        return "was deleted"
    if len(own) > 1:
        return f"stood {len(own)} times"
    if own[0].kind != "code":
        return "was no longer a code cell"
    return "" if given.holds(own[0].source) else "was edited"
