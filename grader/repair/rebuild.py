"""A submitted notebook put back into the form of the released one, and every repair told to the student.

In order, as `_Rebuilding.result` has it: submitted cells are matched with the released ones (`match_cells`); for each
exercise the cell that answers it is chosen; from every submitted cell comes the code that runs, taken apart where it
holds several things; definitions that a student has put into the lesson's cells follow, where the solutions need them;
setup and check cells that were changed are told; solutions go back into the released order; and lesson cells run too,
where a solution leans on them.
"""

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from nbformat import NotebookNode

from grader.assignment import Assignment, Exercise, is_check, is_solution
from grader.records import Rebuilt
from grader.repair import cell_order, choose_answer, newer_syntax, source_code
from grader.repair.choose_answer import check_place, is_students_own, own_cells
from grader.repair.match_cells import Match, ReleasedCell, SubmittedCell, match_cells, released_cells, submitted_cells
from grader.repair.source_code import opening

MAX_REPAIRS = 40
HOW_FOUND = {
    "grade_id": "its cell had another id and was found by its nbgrader metadata",
    "function": "its cell was found by the function that it defines",
    "merged": "its function stood in another cell and was taken out of it",
}
SPAWNS = re.compile(r"\b(?:multiprocessing|concurrent|mp)\b.*\b(?:spawn|forkserver)\b", re.DOTALL)
IMPORTS = ast.Import | ast.ImportFrom
DEFINITIONS = IMPORTS | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def rebuild(notebook: NotebookNode, assignment: Assignment) -> Rebuilt:
    """The cells to run, in the released order, with one sentence for each repair.

    A released check cell never runs, and a lesson cell only where a solution takes a name from it. Where a cell stands
    twice, that one counts which would in Jupyter (`choose_answer`). What a student added stays, under names of ours.
    """
    released = released_cells(assignment)
    result = _Rebuilding(assignment, released, match_cells(submitted_cells(notebook), released)).result()
    return newer_syntax.told(result, assignment, notebook)


@dataclass(frozen=True)
class _Run:
    """A source that runs. place: orders them. cell_id: the exercise's, or "" for what the student added."""

    place: tuple[int, int]
    source: str
    cell_id: str = ""


@dataclass
class _Rebuilding:
    """One submission's way through all steps, with what they leave behind."""

    assignment: Assignment
    released: list[ReleasedCell]
    matches: list[Match]
    repairs: list[str] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)

    def result(self) -> Rebuilt:
        """All steps."""
        answers = {exercise: match for exercise in self.assignment.exercises if (match := self._choose(exercise))}
        runs = [run for match in self.matches for run in self._runs_of(match, answers)]
        runs += self._added_definitions([run.source for run in runs], list(answers.values()))
        self._report_changed_cells()
        self._report_spawned(runs)
        runs = self._in_released_order(sorted(runs, key=lambda run: run.place))
        lesson = self._lesson_cells(runs)
        # A name of ours: an id that a student chose could be that of an exercise.
        names = iter(f"added-{number}" for number in range(1, len(runs) + 1))
        cells = (*lesson, *((run.cell_id or next(names), run.source) for run in runs))
        return Rebuilt(cells, self._told(), tuple(self.lost), tuple(self._check_places(runs, len(lesson))))

    def _check_places(self, runs: list[_Run], before: int) -> Iterator[tuple[str, int]]:
        """For each answered exercise how many cells run above its check: its own, and what was added in between."""
        exercises = {exercise.cell_id: exercise for exercise in self.assignment.exercises}
        for index, run in enumerate(runs):
            if run.cell_id:
                check_at, end = check_place(exercises[run.cell_id], self.matches), index + 1
                while end < len(runs) and not runs[end].cell_id and runs[end].place[0] <= check_at:
                    end += 1
                yield run.cell_id, before + end

    def _told(self) -> tuple[str, ...]:
        """Each repair once, and no more than anybody reads."""
        repairs = list(dict.fromkeys(self.repairs))
        if len(repairs) > MAX_REPAIRS:
            repairs[MAX_REPAIRS:] = [f"{len(repairs) - MAX_REPAIRS} more repairs were made."]
        return tuple(repairs)

    def _choose(self, exercise: Exercise) -> Match | None:
        """The cell that answers an exercise; None, and a reason, where there is none."""
        best, own = choose_answer.choose(exercise, self.matches, self.released), own_cells(exercise, self.matches)
        if best is None:
            self.lost.append((exercise.cell_id, _why_lost(exercise, own)))
            return None
        found_by = best.found_by if best in own else "function" if best.released is None else "merged"
        self._report_choice(exercise, best.cell, found_by)
        return best

    def _report_choice(self, exercise: Exercise, cell: SubmittedCell, found_by: str) -> None:
        sentences = []
        if found_by in HOW_FOUND:
            sentences.append(HOW_FOUND[found_by])
        elif not any(cell.grade_ids):
            sentences.append("its cell had lost its nbgrader metadata and was found by its id")
        if cell.cell_type != "code":
            kind = "Markdown" if cell.cell_type == "markdown" else "raw text"
            sentences.append(f"its cell was no longer a code cell but {kind}")
        if cell.part_count > 1:
            sentences.append(f"its cell was split into {cell.part_count}, which were put together")
        self.repairs += [f"{exercise.name}: {sentence}." for sentence in sentences]

    def _runs_of(self, match: Match, answers: dict[Exercise, Match]) -> Iterator[_Run]:
        """What of one submitted cell runs: the exercises that it answers, or what the student added."""
        cell, exercises = match.cell, [exercise for exercise, answer in answers.items() if answer is match]
        if not exercises and (cell.cell_type != "code" or not is_students_own(match)):
            return
        self._report_lines_left_out(cell, exercises)
        if exercises:
            parts, left_out = taken_apart(cell, exercises, self.released, match.released)
            if left_out:
                self.repairs.append(
                    f"{exercises[0].name}: its cell also held parts of other cells, which were left out."
                )
        else:
            parts = [(None, cell.source)] if not self._is_copy(match, answers) else []
        for index, (exercise, source) in enumerate(parts):
            source = self._without_later_answers(cell, source, answers)
            if exercise:
                yield _Run((cell.index, index), _that_defines(source, exercise.function), exercise.cell_id)
            elif not source_code.does_nothing(source):
                yield _Run((cell.index, index), source)

    def _report_lines_left_out(self, cell: SubmittedCell, exercises: list[Exercise]) -> None:
        """Of IPython's lines those that do not run."""
        whose = exercises[0].name if exercises else "A cell that you added"
        if cell.left_out:
            self.repairs.append(f"{whose}: {opening(cell.left_out[0])!r} changes no answer and was left out.")
        for line in cell.installations[:1]:
            self.repairs.append(
                f"{whose}: {opening(line)!r} was left out, since nothing can be installed while grading."
            )

    def _is_copy(self, match: Match, answers: dict[Exercise, Match]) -> bool:
        """Whether a cell repeats an exercise's, or is the blank that it had."""
        source = match.cell.source
        for exercise, answer in answers.items():
            if not source_code.defines(source, exercise.function):
                continue
            if match.released and source_code.is_same(source, match.released.versions[0]):
                return True
            if source_code.is_same(source, answer.cell.source):
                self.repairs.append(f"{exercise.name}: its cell stood twice.")
                return True
            if match.cell.index < answer.cell.index:
                self.repairs.append(f"{exercise.name}: two cells define {exercise.function}; the one below counts.")
        return False

    def _without_later_answers(self, cell: SubmittedCell, source: str, answers: dict[Exercise, Match]) -> str:
        """A source without statements that only bind again what answers an exercise further up.

        In the notebook the exercise's check had run before them; the judge's may run after.
        """
        earlier = {
            exercise.function: exercise for exercise, answer in answers.items() if answer.cell.index < cell.index
        }
        functions = {exercise.function for exercise in self.assignment.exercises}
        if not any(source_code.defines(source, function) for function in earlier):
            return source
        kept = []
        for node, text in source_code.statements(source):
            bound = source_code.names_bound_by(node)
            if bound <= functions and (again := bound & set(earlier)):
                self.repairs += [
                    f"{earlier[function].name}: a cell further down binds {function} again; the answer above it counts."
                    for function in sorted(again)
                ]
            else:
                kept.append(text)
        return "\n".join(kept) if kept or source_code.parsed(source) else source

    def _added_definitions(self, running: list[str], answers: list[Match]) -> Iterator[_Run]:
        """Imports and functions that a student put where nothing of theirs runs, where the solutions use them."""
        elsewhere = [match for match in self.matches if match not in answers and not _runs_by_itself(match)]
        for cell, source in definitions_in_edited_cells(elsewhere, self.released, running):
            line, place = opening(source), "a cell that is not yours"
            if cell.cell_type != "code":
                place = "a cell that is no code"
            self.repairs.append(f"{line!r}, which you added to {place}, was kept for your solutions.")
            yield _Run((cell.index, 0), source)

    def _report_changed_cells(self) -> None:
        """Setup and check cells that are not as released: the course's own are used in any case."""
        exercise_of = {check.name: exercise for exercise in self.assignment.exercises for check in exercise.checks}
        for cell in self.released:
            if cell.role not in ("setup", "check"):
                continue
            change = _change(cell, [match.cell for match in self.matches if match.released == cell])
            if change and cell.role == "check" and cell.name in exercise_of:
                self.repairs.append(
                    f"{exercise_of[cell.name].name}: its check {cell.name} {change}; the course's own was used."
                )
            elif change and cell.role == "setup":
                self.repairs.append(f"The cell {cell.name} {change}; the released one was used.")

    def _in_released_order(self, runs: list[_Run]) -> list[_Run]:
        """Solutions in the released order, where that does not take from a cell what it needs."""
        order = {exercise.cell_id: index for index, exercise in enumerate(self.assignment.exercises)}
        in_order = cell_order.in_order(runs, lambda run: run.source, lambda run: order.get(run.cell_id))
        for run, before in zip(in_order, runs, strict=True):
            if run is not before:
                name = self.assignment.exercises[order[run.cell_id]].name
                self.repairs.append(f"{name}: its cell had been moved and was put back into its place.")
        return in_order

    def _report_spawned(self, runs: list[_Run]) -> None:
        """Processes that start without a copy of this one: they wait for ever for a function that they do not have."""
        names = {exercise.cell_id: exercise.name for exercise in self.assignment.exercises}
        for run in runs:
            if SPAWNS.search(run.source):
                self.repairs.append(
                    f"{names.get(run.cell_id, 'A cell that you added')}: a process that is spawned knows no function "
                    "of a notebook, in Jupyter neither; fork it, or import the function from a file."
                )

    def _lesson_cells(self, runs: list[_Run]) -> list[tuple[str, str]]:
        """The lesson's cells that the runs cannot do without."""
        cells = needed_lesson_cells(self.assignment, [run.source for run in runs])
        for _, source in cells:
            self.repairs.append(f"The lesson's cell {opening(source)!r} ran too: your code takes a name from it.")
        return cells


def _why_lost(exercise: Exercise, own: list[Match]) -> str:
    if not own or not own[0].cell.source.strip():
        return f"{exercise.name}: its cell is missing, and no other defines the function {exercise.function}."
    begins = own[0].cell.written
    return f"{exercise.name}: its cell, which begins {begins!r}, does not define the function {exercise.function}."


def _that_defines(source: str, function: str) -> str:
    """The source; where only its run shows whether it defines the function, one that says so if it does not."""
    return source if source_code.surely_defines(source, function) else f"{source}\n{function}\n"


def _runs_by_itself(match: Match) -> bool:
    """Whether a cell that answers nothing runs: the student's own code does."""
    return match.cell.cell_type == "code" and is_students_own(match)


def _change(released: ReleasedCell, submitted: list[SubmittedCell]) -> str:
    """How the submitted copies of a released cell differ from it; "" where they do not."""
    if not submitted:
        return "was deleted"
    if len(submitted) > 1:
        return f"stood {len(submitted)} times"
    if submitted[0].cell_type != "code":
        return "was no longer a code cell"
    return "" if released.has_source(submitted[0].source) else "was edited"


def taken_apart(
    cell: SubmittedCell, exercises: list[Exercise], released: list[ReleasedCell], own: ReleasedCell | None
) -> tuple[list[tuple[Exercise | None, str]], bool]:
    """A cell's sources in order, each with the exercise it answers, None for what the student added.

    own: the released cell that it is. Also returns whether statements of other released cells stood among them, which
    are left out: a check or a lesson's cell that was merged into a solution must not run as the student's.
    """
    source = cell.source
    if cell.cell_type != "code" and source_code.parsed(source) is None:
        source = source_code.without_fences(source)
    others = _dumped_statements(tuple(cell for cell in released if cell.role in ("check", "setup", "lesson")))
    statements = source_code.statements(source)
    if len(exercises) == 1 and len(source) > source_code.MAX_PARSED_CHARACTERS:
        return [(exercises[0], source)], False
    if not statements:
        return [(exercise, _function_or_all(source, exercise)) for exercise in exercises], False
    kept = [statement for statement in statements if source_code.dump(statement[0]) not in others]
    # The usual case, left as it was written: one solution alone in its own cell, or in one that was added.
    if len(exercises) == 1 and len(kept) == len(statements) and (own is None or own.role == "solution"):
        return [(exercises[0], source)], False
    return _by_exercise(kept, exercises), len(kept) < len(statements)


def _function_or_all(source: str, exercise: Exercise) -> str:
    """The exercise's function, cut out by its indentation; the whole cell where not even that is Python."""
    block = source_code.function_block(source, exercise.function)
    return block if block and source_code.parsed(block) is not None else source


def _by_exercise(
    statements: list[tuple[ast.stmt, str]], exercises: list[Exercise]
) -> list[tuple[Exercise | None, str]]:
    """Statement by statement: each exercise's last definition, and what stands between them."""
    answers: dict[Exercise, int] = {}
    for index, (node, _) in enumerate(statements):
        for exercise in exercises:
            if exercise.function in source_code.names_bound_by(node):
                answers[exercise] = index
    exercise_at = {index: exercise for exercise, index in answers.items()}
    parts = [(exercise_at.get(index), text) for index, (_, text) in enumerate(statements)]
    # A name that is bound inside another statement: then all of it is the answer.
    missing = [exercise for exercise in exercises if exercise not in answers]
    return parts + [(exercise, "\n".join(text for _, text in statements)) for exercise in missing]


@lru_cache(maxsize=16)
def _dumped_statements(released: tuple[ReleasedCell, ...]) -> frozenset[str]:
    """Top-level statements of released cells, but for imports: a solution may have those of its own.

    Cached, as they are the same for every student of a class.
    """
    nodes = [node for cell in released for version in cell.versions for node, _ in source_code.statements(version)]
    return frozenset(source_code.dump(node) for node in nodes if not isinstance(node, IMPORTS))


def definitions_in_edited_cells(
    edited: list[Match], released: list[ReleasedCell], running: list[str]
) -> Iterator[tuple[SubmittedCell, str]]:
    """Imports, functions and values in cells that do not run that what runs takes from outside, and nothing else.

    Nothing else, because the rest of such a cell may compute for minutes, or overwrite what the setup defines. edited:
    cells of ours, and cells that are no code.
    """
    changed = [match.cell for match in edited if not (match.released and match.released.has_source(match.cell.source))]
    if not changed:
        return iter(())
    ours = _dumped(released)
    fixed = {name for cell in released if cell.role == "setup" for name in source_code.names_left_by(cell.versions[0])}
    bound = set().union(*map(source_code.names_left_by, running))
    offered = [
        (cell, _bound(node), text)
        for cell in changed
        for node, text in source_code.statements(cell.source)
        if source_code.dump(node) not in ours and not _bound(node) & fixed and _is_definition(node, cell, bound)
    ]
    # A definition that is kept may take names from another one: until nothing more is wanted.
    wanted, kept = set().union(*map(source_code.names_taken_by, running)) if offered else set(), set()
    while more := {index for index, (_, names, _) in enumerate(offered) if names & wanted} - kept:
        kept |= more
        wanted = wanted.union(*(source_code.names_taken_by(offered[index][2]) for index in more))
    return ((offered[index][0], offered[index][2]) for index in sorted(kept))


def _dumped(released: list[ReleasedCell]) -> set[str]:
    """Every top-level statement of the released cells."""
    sources = (version for cell in released for version in cell.versions)
    return {source_code.dump(node) for source in sources for node, _ in source_code.statements(source)}


def _bound(node: ast.stmt) -> set[str]:
    return source_code.names_bound_by(node)


def _is_definition(node: ast.stmt, cell: SubmittedCell, bound: set[str]) -> bool:
    """Whether a statement names something that nothing that runs names: an import, a function, a class, a value.

    In a cell that is no code, where Python may be an example that was never meant to run, no value.
    """
    if cell.cell_type != "code":
        return isinstance(node, DEFINITIONS) and not _bound(node) & bound
    return isinstance(node, DEFINITIONS) or not _bound(node) & bound


def needed_lesson_cells(assignment: Assignment, running: list[str]) -> list[tuple[str, str]]:
    """The lesson cells, (id, source) in the released order, that bind names which `running` takes and no other binds.

    A solution that leans on the lesson breaks the course's rule, but its author sees it work; so it costs no points.
    What these cells take themselves is followed up, through the cells above them.
    """
    setup = dict(assignment.setup)
    lesson = [
        (cell.id, cell.source)
        for cell in assignment.notebook.cells
        if cell.cell_type == "code" and cell.id not in setup and not is_check(cell) and not is_solution(cell)
    ]
    names_left_by, names_taken_by = source_code.names_left_by, source_code.names_taken_by
    at_hand = set(dir(builtins)).union(*map(names_left_by, setup.values()), *map(names_left_by, running))
    wanted = set().union(*map(names_taken_by, running)) - at_hand
    needed = []
    for cell_id, source in reversed(lesson):
        if names_left_by(source) & wanted:
            needed.append((cell_id, source))
            wanted |= names_taken_by(source) - at_hand
    return needed[::-1]
