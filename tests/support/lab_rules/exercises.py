"""Rules for the graded cells of a lab: metadata, one typed function, a check that can be seen and one that cannot."""

import ast
import dis
import textwrap
from collections.abc import Iterator
from types import CodeType

from grader import assignment
from tests.support import labs
from tests.support.labs import Lab

KEYS = {"grade", "grade_id", "locked", "schema_version", "solution", "task"}


def graded_metadata(lab: Lab) -> Iterator[str]:
    seen = set()
    for cell in lab.cells:
        meta = cell.metadata.get("nbgrader")
        if meta is None:
            continue
        if not set(meta) >= KEYS or meta.schema_version != 3 or meta.task:
            yield f"nbgrader metadata needs {', '.join(sorted(KEYS))} with schema 3 and no task, but {dict(meta)} came"
            continue
        if cell.cell_type != "code" or meta.grade == meta.solution or meta.locked != meta.grade:
            yield f"{meta.grade_id} must be a code cell, either a solution (unlocked) or a check (graded and locked)"
        if meta.grade and not meta.get("points", 0) > 0:
            yield f"{meta.grade_id} must be worth points"
        if not meta.grade_id or meta.grade_id in seen:
            yield f"the grade_id {meta.grade_id!r} must be given and stand only once"
        seen.add(meta.grade_id)


def checks_follow(lab: Lab) -> Iterator[str]:
    for solution, checks in assignment.exercise_cells(lab.notebook):
        place = lab.cells.index(solution)
        if not checks or lab.cells[place + 1] is not checks[0]:
            yield f"a check cell must follow {assignment.grade_id(solution)} at once"


def solutions(lab: Lab) -> Iterator[str]:
    for cell, _ in assignment.exercise_cells(lab.notebook):
        name = assignment.grade_id(cell)
        if [cell.source.count(mark) for mark in (assignment.BEGIN_SOLUTION, assignment.END_SOLUTION)] != [1, 1]:
            yield f"{name} must mark its solution once with {assignment.BEGIN_SOLUTION} and {assignment.END_SOLUTION}"
        tree = labs.syntax(cell)
        if tree is None or [type(node) for node in tree.body] != [ast.FunctionDef]:
            yield f"{name} must be one function and nothing beside it"
            continue
        yield from _function_faults(name, tree.body[0])


def _function_faults(name: str, function: ast.FunctionDef) -> Iterator[str]:
    given = function.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    if function.returns is None or any(argument.annotation is None for argument in arguments):
        yield f"{name} must annotate every argument of {function.name} and what it returns"
    if ">>>" not in (ast.get_docstring(function) or ""):
        yield f"the docstring of {function.name} in {name} must hold a worked example that starts with >>>"


def visible_then_hidden(lab: Lab) -> Iterator[str]:
    for cell in filter(assignment.is_check, lab.cells):
        name = assignment.grade_id(cell)
        if [cell.source.count(mark) for mark in (assignment.BEGIN_HIDDEN, assignment.END_HIDDEN)] != [1, 1]:
            yield f"{name} must mark its hidden tests once with {assignment.BEGIN_HIDDEN} and {assignment.END_HIDDEN}"
            continue
        head, _, rest = cell.source.partition(assignment.BEGIN_HIDDEN)
        hidden, _, tail = rest.partition(assignment.END_HIDDEN)
        tree = labs.syntax(cell)
        if tree is None or not ast.get_docstring(tree):
            yield f"{name} must open with a docstring that names the property it checks"
        # A release cuts the hidden region out. A cell left empty passes for everybody.
        if not _tests(head):
            yield f"{name} needs a visible assert before its hidden tests: hidden tests alone are free points"
        if not _tests(hidden):
            yield f"{name} needs an assert among its hidden tests"
        if tail.strip():
            yield f"nothing may follow the hidden tests of {name}"


def _tests(source: str) -> bool:
    try:
        tree = ast.parse(textwrap.dedent(source))
    except SyntaxError:
        return False
    return any(isinstance(node, ast.Assert) or _is_checking_call(node) for node in ast.walk(tree))


def _is_checking_call(node: ast.AST) -> bool:
    called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    return called.startswith("checks.") or ".assert_" in called


def messages(lab: Lab) -> Iterator[str]:
    for cell in filter(assignment.is_check, lab.cells):
        tree = labs.syntax(cell)
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Assert) and node.msg is None:
                yield f"every assert of {assignment.grade_id(cell)} needs a message: {ast.unparse(node)}"


def checks_leave_names(lab: Lab) -> Iterator[str]:
    """A check binds no name of the lesson that a cell below it reads: that would read what the check left."""
    code = [cell for cell in lab.cells if cell.cell_type == "code" and labs.syntax(cell)]
    for place, cell in enumerate(code):
        if assignment.is_check(cell):
            lesson = [other for other in code[:place] if not assignment.is_check(other)]
            taken = _bound(cell.source) & set().union(*(_bound(other.source) for other in lesson))
            for below in code[place + 1 :]:
                if assignment.is_check(below):
                    continue
                for name in sorted(taken & _read_first(compile(below.source, "cell", "exec"))):
                    yield f"{assignment.grade_id(cell)} binds {name}, which a cell below takes from the lesson"
                taken -= _bound(below.source)


def _bound(source: str) -> set[str]:
    return {
        step.argval for step in dis.get_instructions(compile(source, "cell", "exec")) if step.opname == "STORE_NAME"
    }


def _read_first(code: CodeType) -> set[str]:
    """Names that a cell reads before it has bound them, in its functions too."""
    bound, read = set(), set()
    for step in dis.get_instructions(code):
        if step.opname == "STORE_NAME":
            bound.add(step.argval)
        elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
            read |= {step.argval} - bound
        elif isinstance(step.argval, CodeType):
            read |= _read_first(step.argval) - bound
    return read


def hidden_in_the_book(lab: Lab) -> Iterator[str]:
    for cell in lab.cells:
        if (assignment.is_solution(cell) or assignment.is_check(cell)) and "hide-input" not in assignment.tags(cell):
            yield f"{assignment.grade_id(cell)} must be tagged `hide-input`"


RULES = (
    graded_metadata,
    checks_follow,
    solutions,
    visible_then_hidden,
    messages,
    checks_leave_names,
    hidden_in_the_book,
)
