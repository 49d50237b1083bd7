"""Which submitted cell answers an exercise.

As in Jupyter, where a name means what was bound to it last: of the cells that define the exercise's function, the last
one above its check counts, and where none stands above it, the last one of all. Three things count for less than any
answer that runs: a cell that is still blank, one that is no code cell any more, and one of which only the run itself
shows whether it defines the function.
"""

from collections.abc import Sequence

from grader.assignment import Exercise
from grader.repair import source_code
from grader.repair.match_cells import Match, ReleasedCell


def choose(exercise: Exercise, matches: Sequence[Match], released: Sequence[ReleasedCell]) -> Match | None:
    """The cell that answers an exercise, None where there is none."""
    blank = next(cell for cell in released if cell.cell_id == exercise.cell_id).versions[0]
    own = own_cells(exercise, matches)
    defining = [match for match in own if source_code.defines(match.cell.source, exercise.function)]
    defining += [match for match in matches if match not in own and _may_answer(match, exercise)]
    answered = [match for match in defining if not _is_blank(match.cell.source, blank, exercise.function)]
    uncertain = [match for match in own if match.cell.cell_type == "code"] if _binds_at_run_time(matches) else []
    place = check_place(exercise, matches)
    candidates = answered or [match for match in uncertain if match not in defining] or defining
    return max(candidates, key=lambda match: _preference(match, place), default=None)


def own_cells(exercise: Exercise, matches: Sequence[Match]) -> list[Match]:
    """Cells that are the exercise's, by their id, metadata or source."""
    return [match for match in matches if match.released and match.released.cell_id == exercise.cell_id]


def check_place(exercise: Exercise, matches: Sequence[Match]) -> float:
    """The index of the first check cell of an exercise; infinity where none is left."""
    names = {check.name for check in exercise.checks}
    return min(
        (match.cell.index for match in matches if match.released and match.released.name in names),
        default=float("inf"),
    )


def _is_blank(source: str, blank: str, function: str) -> bool:
    return source_code.is_same(source, blank) or source_code.raises_not_implemented(source, function)


def _preference(match: Match, check_place: float) -> tuple[bool, bool, int]:
    return match.cell.cell_type == "code", match.cell.index <= check_place, match.cell.index


def _may_answer(match: Match, exercise: Exercise) -> bool:
    """Whether a cell that is not the exercise's own defines its function, other than as it was released."""
    if not source_code.defines(match.cell.source, exercise.function):
        return False
    versions = match.released.versions if match.released else ()
    return not any(source_code.defines(version, exercise.function) for version in versions)


def _binds_at_run_time(matches: Sequence[Match]) -> bool:
    """Whether a student's own code binds names that only its run shows; a cell that is one magic's text binds none."""
    own = (match.cell for match in matches if match.cell.cell_type == "code" and is_students_own(match))
    return any(source_code.may_bind_anything(cell.source) for cell in own if not cell.written.startswith("%%"))


def is_students_own(match: Match) -> bool:
    """Whether a cell is the student's to write: no released one, or a solution."""
    return match.released is None or match.released.role == "solution"
