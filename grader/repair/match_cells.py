"""Which released cell each submitted cell is: by id, by nbgrader's grade_id, by its source."""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from nbformat import NotebookNode

from grader.assignment import Assignment, is_check, is_solution, without_hidden, without_solution
from grader.repair import source_code

ALIKE = 0.7
MOST_COMPARED, MOST_WORDS = 200, 600


@dataclass(frozen=True)
class Released:
    """A cell of the released notebook.

    role: solution, check, setup, lesson or text. texts: sources it may have. function: what a solution defines.
    """

    cell_id: str
    name: str
    role: str
    texts: tuple[str, ...]
    function: str = ""

    def holds(self, source: str) -> bool:
        """Whether a source is this cell's own."""
        return any(source_code.same(source, text) for text in self.texts)


@dataclass(frozen=True)
class Cell:
    """A submitted cell, or several that were one. place: of the first. ids, grade_ids: of all of them."""

    place: int
    ids: tuple[str, ...]
    grade_ids: tuple[str, ...]
    kind: str
    source: str
    taken: tuple[str, ...] = ()

    @property
    def parts(self) -> int:
        """How many cells it was split into."""
        return len(self.ids)


@dataclass(frozen=True)
class Match:
    """A submitted cell with the released one that it is, or None for one that the student added."""

    cell: Cell
    released: Released | None = None
    how: str = ""


def released(assignment: Assignment) -> list[Released]:
    """The cells that students were given, in order."""
    setup = {cell_id for cell_id, _ in assignment.setup}
    functions = {exercise.cell_id: exercise.function for exercise in assignment.exercises}
    cells = [_released(cell, setup) for cell in assignment.notebook.cells]
    return [replace(cell, function=functions.get(cell.cell_id, "")) for cell in cells]


def _released(cell: NotebookNode, setup: set[str]) -> Released:
    name = cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)
    if is_solution(cell):
        return Released(cell.id, name, "solution", (without_solution(cell.source), cell.source))
    if is_check(cell):
        return Released(cell.id, name, "check", (without_hidden(cell.source), cell.source))
    role = "text" if cell.cell_type != "code" else "setup" if cell.id in setup else "lesson"
    return Released(cell.id, name, role, (cell.source,))


def submitted(notebook: NotebookNode) -> Iterator[Cell]:
    """The submitted cells; a cell split in the middle of a statement is one again, and lines of IPython are out."""
    held: Cell | None = None
    for place, node in enumerate(notebook.cells):
        source, taken = source_code.without_magics(node.source) if node.cell_type == "code" else (node.source, [])
        grade_id = node.metadata.get("nbgrader", {}).get("grade_id", "")
        cell = Cell(place, (node.id,), (grade_id,), node.cell_type, source, tuple(taken))
        if held and (whole := _joined(held, cell)):
            held = whole
            continue
        if held:
            yield held
        held = cell
    if held:
        yield held


def _joined(first: Cell, second: Cell) -> Cell | None:
    """Both as one, where the second is no Python alone but together with the first."""
    if {first.kind, second.kind} != {"code"} or source_code.parsed(second.source) is not None:
        return None
    source = f"{first.source}\n{second.source}"
    if source_code.parsed(source) is None:
        return None
    ids, grade_ids = first.ids + second.ids, first.grade_ids + second.grade_ids
    return replace(first, ids=ids, grade_ids=grade_ids, source=source, taken=first.taken + second.taken)


def matches(cells: Iterable[Cell], given: list[Released]) -> list[Match]:
    """Each submitted cell with its released one: by id, by grade_id, by the same source, by a similar one."""
    found = [_named(cell, given) for cell in cells]
    free = _unclaimed(given, found)
    by_text = defaultdict(list)
    for each in given:
        if each.role != "solution":
            for text in each.texts:
                by_text[source_code.normal(text)].append(each)
    for index, match in enumerate(found):
        if match.released is None and (same := by_text.get(source_code.normal(match.cell.source))):
            found[index] = Match(match.cell, next((each for each in same if each in free), same[0]), "source")
    return _similar(found, _unclaimed(free, found))


def _unclaimed(given: list[Released], found: list[Match]) -> list[Released]:
    claimed = {match.released for match in found}
    return [each for each in given if each not in claimed]


def _named(cell: Cell, given: list[Released]) -> Match:
    for how, names, attribute in (("id", cell.ids, "cell_id"), ("grade_id", cell.grade_ids, "name")):
        for each in given:
            if getattr(each, attribute) in names:
                return Match(cell, each, how)
    return Match(cell)


def _similar(found: list[Match], free: list[Released]) -> list[Match]:
    """Cells that nothing names, each with the released one of nearly the same source, the nearest pairs first."""
    unknown = [index for index, match in enumerate(found) if match.released is None and match.cell.source.strip()]
    pairs = []
    functions = [each.function for each in free if each.function]
    unknown = [
        index for index in unknown if not any(source_code.defines(found[index].cell.source, f) for f in functions)
    ]
    for index in unknown[:MOST_COMPARED]:
        pairs += [
            (alike, index, place) for place, each in enumerate(free) if (alike := _alike(found[index].cell, each))
        ]
    for _, index, place in sorted(pairs, reverse=True):
        if found[index].released is None and free[place] not in {match.released for match in found}:
            found[index] = Match(found[index].cell, free[place], "similar")
    return found


def _alike(cell: Cell, given: Released) -> float:
    """The share of words that two sources have alike in order, 0 where it is small; code is not compared with text."""
    words = source_code.normal(cell.source).split(None, MOST_WORDS)
    if len(words) > MOST_WORDS or (given.role == "text" and cell.kind == "code"):
        return 0.0
    best = 0.0
    for text in given.texts:
        matcher = difflib.SequenceMatcher(None, source_code.normal(text).split(), words, autojunk=False)
        if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE:
            best = max(best, matcher.ratio())
    return best if best >= ALIKE else 0.0


def opening(source: str) -> str:
    """The first line of a cell, short enough for a sentence."""
    line = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return re.sub(r"[^\x20-\x7e]", "?", line[:50].strip())
