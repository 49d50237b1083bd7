"""Which released cell each submitted cell is.

Four ways, the surest first, since each may be wrong where the one before it is not: by the cell's id, which Jupyter
keeps; by nbgrader's grade_id, which survives editors that renew ids; by the same source, for cells that lost both; by a
similar source, for those that were edited as well. A solution's cell that is found by none of these can still be found
by the function that it defines: `rebuild` does that.
"""

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from nbformat import NotebookNode

from grader.assignment import Assignment, is_check, is_solution, without_hidden, without_solution
from grader.repair import ipython_source, source_code

MIN_SIMILARITY = 0.7
# Comparing takes quadratic time: an invented notebook of thousands of cells must not take minutes.
MAX_COMPARED_CELLS, MAX_COMPARED_WORDS = 200, 600


# IPython tokenizes a cell: seconds for 100,000 characters.
MAX_TRANSLATED_CHARACTERS, MAX_HALVES_CHARACTERS = 200_000, 5_000


@dataclass(frozen=True)
class ReleasedCell:
    """A cell of the released notebook.

    role: solution, check, setup, lesson or text. versions: sources it may have, as students got it first. function:
    what a solution defines.
    """

    cell_id: str
    name: str
    role: str
    versions: tuple[str, ...]
    function: str = ""

    def has_source(self, source: str) -> bool:
        """Whether a source is this cell's own."""
        return any(source_code.is_same(source, version) for version in self.versions)


@dataclass(frozen=True)
class SubmittedCell:
    """A submitted cell, or several that were one. index: of the first. ids, grade_ids: of all of them.

    source: its Python. written: its first line as the student wrote it. left_out, installations: lines of IPython that
    do not run.
    """

    index: int
    ids: tuple[str, ...]
    grade_ids: tuple[str, ...]
    cell_type: str
    source: str
    written: str = ""
    left_out: tuple[str, ...] = ()
    installations: tuple[str, ...] = ()

    @property
    def part_count(self) -> int:
        """How many cells it was split into."""
        return len(self.ids)


@dataclass(frozen=True)
class Match:
    """A submitted cell with the released one that it is, or None for one that the student added.

    found_by: id, grade_id, source or similarity.
    """

    cell: SubmittedCell
    released: ReleasedCell | None = None
    found_by: str = ""


def released_cells(assignment: Assignment) -> list[ReleasedCell]:
    """The cells that students were given, in order."""
    setup = {cell_id for cell_id, _ in assignment.setup}
    functions = {exercise.cell_id: exercise.function for exercise in assignment.exercises}
    cells = [_released(cell, setup) for cell in assignment.notebook.cells]
    return [replace(cell, function=functions.get(cell.cell_id, "")) for cell in cells]


def _released(cell: NotebookNode, setup: set[str]) -> ReleasedCell:
    name = cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)
    if is_solution(cell):
        return ReleasedCell(cell.id, name, "solution", (without_solution(cell.source), cell.source))
    if is_check(cell):
        return ReleasedCell(cell.id, name, "check", (without_hidden(cell.source), cell.source))
    role = "text" if cell.cell_type != "code" else "setup" if cell.id in setup else "lesson"
    return ReleasedCell(cell.id, name, role, (cell.source,))


def submitted_cells(notebook: NotebookNode) -> Iterator[SubmittedCell]:
    """The submitted cells; a cell split in the middle of a statement is one again, and lines of IPython are Python."""
    pending: SubmittedCell | None = None
    translate = _translator()
    for index, node in enumerate(notebook.cells):
        # A mark of byte order at the beginning comes from an editor on Windows; to Python it is no character of code.
        source, grade_id = node.source.lstrip("\ufeff"), node.metadata.get("nbgrader", {}).get("grade_id", "")
        cell = SubmittedCell(index, (node.id,), (grade_id,), node.cell_type, source, source_code.opening(source))
        # Before they are translated: IPython would take the second half, indented as it is, for a whole cell.
        if pending and (joined := _joined(pending, cell)):
            pending = joined
            continue
        if pending:
            yield translate(pending)
        pending = cell
    if pending:
        yield translate(pending)


def _joined(first: SubmittedCell, second: SubmittedCell) -> SubmittedCell | None:
    """Both as one, where the second is no Python alone but together with the first."""
    if {first.cell_type, second.cell_type} != {"code"} or source_code.parsed(second.source) is not None:
        return None
    source = f"{first.source}\n{second.source}"
    # With a magic above it only IPython can tell; a second half that is indented is no cell of magics of its own.
    is_half = second.source[:1].isspace() and len(source) <= MAX_HALVES_CHARACTERS
    if source_code.parsed(ipython_source.translated(source).python if is_half else source) is None:
        return None
    return replace(first, ids=first.ids + second.ids, grade_ids=first.grade_ids + second.grade_ids, source=source)


def _translator() -> Callable[[SubmittedCell], SubmittedCell]:
    """What makes Python of a notebook's cells that were written for IPython, as long as that takes no minutes."""
    left = MAX_TRANSLATED_CHARACTERS

    def translate(cell: SubmittedCell) -> SubmittedCell:
        nonlocal left
        # Python first: a line that begins with % is an operator, or text, in a cell that parses.
        if cell.cell_type != "code" or source_code.parsed(cell.source) is not None:
            return cell
        left -= len(cell.source)
        if left < 0:
            return cell
        found = ipython_source.translated(cell.source)
        # Where it is no Python afterwards either, the student's own error is to be seen, not ours.
        if source_code.parsed(found.python) is None and len(found.python) <= source_code.MAX_PARSED_CHARACTERS:
            return cell
        return replace(cell, source=found.python, left_out=found.left_out, installations=found.installations)

    return translate


def match_cells(cells: Iterable[SubmittedCell], released: list[ReleasedCell]) -> list[Match]:
    """Each submitted cell with its released one: by id, by grade_id, by the same source, by a similar one."""
    matches = [_by_metadata(cell, released) for cell in cells]
    matches = _by_source(matches, released)
    return _by_similarity(matches, _unmatched(released, matches))


def _unmatched(released: list[ReleasedCell], matches: list[Match]) -> list[ReleasedCell]:
    matched = {match.released for match in matches}
    return [cell for cell in released if cell not in matched]


def _by_metadata(cell: SubmittedCell, released: list[ReleasedCell]) -> Match:
    for found_by, names, attribute in (("id", cell.ids, "cell_id"), ("grade_id", cell.grade_ids, "name")):
        for candidate in released:
            if getattr(candidate, attribute) in names:
                return Match(cell, candidate, found_by)
    return Match(cell)


def _by_source(matches: list[Match], released: list[ReleasedCell]) -> list[Match]:
    """Solutions are left out: two students' blanks are alike, and an answer is found by its function."""
    free, by_text = _unmatched(released, matches), defaultdict(list)
    for cell in released:
        if cell.role != "solution":
            for version in cell.versions:
                by_text[source_code.normalized(version)].append(cell)
    matches = list(matches)
    for index, match in enumerate(matches):
        if match.released is None and (same := by_text.get(source_code.normalized(match.cell.source))):
            # One that nobody has claimed, or else a second copy of one that somebody has.
            choice = next((cell for cell in same if cell in free), same[0])
            matches[index] = Match(match.cell, choice, "source")
    return matches


def _by_similarity(matches: list[Match], free: list[ReleasedCell]) -> list[Match]:
    """Cells that nothing else tells, each with the released one of nearly the same source, the nearest pairs first."""
    functions = [cell.function for cell in free if cell.function]
    unknown = [
        index
        for index, match in enumerate(matches)
        if match.released is None
        and match.cell.source.strip()
        and not any(source_code.defines(match.cell.source, function) for function in functions)
    ]
    pairs = [
        (similarity, index, place)
        for index in unknown[:MAX_COMPARED_CELLS]
        for place, candidate in enumerate(free)
        if (similarity := _similarity(matches[index].cell, candidate))
    ]
    for _, index, place in sorted(pairs, reverse=True):
        if matches[index].released is None and free[place] not in {match.released for match in matches}:
            matches[index] = Match(matches[index].cell, free[place], "similarity")
    return matches


def _similarity(cell: SubmittedCell, released: ReleasedCell) -> float:
    """The share of words that two sources have alike in order, 0 where it is small; code is not compared with text."""
    words = source_code.normalized(cell.source).split(None, MAX_COMPARED_WORDS)
    if len(words) > MAX_COMPARED_WORDS or (released.role == "text" and cell.cell_type == "code"):
        return 0.0
    best = 0.0
    for version in released.versions:
        matcher = difflib.SequenceMatcher(None, source_code.normalized(version).split(), words, autojunk=False)
        # Upper bounds that cost little: most pairs end here.
        if matcher.real_quick_ratio() >= MIN_SIMILARITY and matcher.quick_ratio() >= MIN_SIMILARITY:
            best = max(best, matcher.ratio())
    return best if best >= MIN_SIMILARITY else 0.0
