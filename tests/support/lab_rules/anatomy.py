"""The anatomy of a lab as rules: each takes a Lab and yields one sentence per fault.

Sections stand in this order: opening, parameters, imports, Predict, two to four steps to build,
Break it on purpose, Reconcile, Recap, Full-scale run. Exercises stand beside the steps they belong to.
"""

import ast
import re
from collections.abc import Callable, Iterator

from grader import assignment
from tests.support import labs
from tests.support.labs import Lab

PARAMETERS = {"PROFILE", "MODEL", "DATA", "SEED"}
FIXED = ("Predict", "Break it on purpose", "Reconcile", "Recap", "Full-scale run")
STATEMENT = re.compile(r"Exercise (\d+) \((\d+) points?\)")
ITEM = re.compile(r"^\s*(?:[-*]|\d+\.)\s", re.MULTILINE)
Rule = Callable[[Lab], Iterator[str]]


def text(cells) -> str:
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def opening(lab: Lab) -> Iterator[str]:
    words = text(labs.opening(lab))
    if not words.startswith("# "):
        yield "the first cell must open with the title, a level-1 heading"
    if not re.search(r"\?\s*$", words, re.MULTILINE):
        yield "the opening must ask the lab's question in one sentence that ends its line with a question mark"
    if len(ITEM.findall(words)) != 3:
        yield f"the opening must list exactly three objectives, but has {len(ITEM.findall(words))} list items"
    for what, pattern in (("minutes", r"\d+ (min|s\b|seconds)"), ("memory", r"\d (GB|MB)"), ("network", "network")):
        if not re.search(pattern, words, re.IGNORECASE):
            yield f"the box must state {what}"


def parameters(lab: Lab) -> Iterator[str]:
    cells = labs.tagged(lab, "parameters")
    if len(cells) != 1 or lab.code[:1] != cells:
        yield "the first code cell, and no other, must be tagged `parameters`"
        return
    body = labs.syntax(cells[0]).body
    names = [_assigned_literal(node) for node in body]
    if set(names) != PARAMETERS or len(names) != len(PARAMETERS):
        yield "the parameter cell must set PROFILE, MODEL, DATA and SEED to literals, and do nothing else"


def _assigned_literal(node: ast.stmt) -> str | None:
    simple = isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    return node.targets[0].id if simple and isinstance(node.value, ast.Constant) else None


def imports(lab: Lab) -> Iterator[str]:
    cells = [cell for cell in lab.code if _has_import(cell)]
    if lab.code[1:2] != cells or cells != [assignment.import_cell(lab.notebook)]:
        yield f"all imports must stand in the second code cell, but {len(cells)} cells import"
        return
    for call in ("require_ours(", "start("):
        if call not in cells[0].source:
            yield f"the import cell must call {call}) so that `utils` is ours and versions are printed"


def _has_import(cell) -> bool:
    """Anywhere in it, in a function too."""
    tree = labs.syntax(cell)
    return tree is not None and any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree))


def order(lab: Lab) -> Iterator[str]:
    found = [heading for heading in labs.headings(lab) if heading in FIXED]
    if found != list(FIXED):
        yield f"the headings {', '.join(FIXED)} must stand once each in this order, but {found} came"
        return
    headings = labs.headings(lab)
    steps = headings[headings.index("Predict") + 1 : headings.index("Break it on purpose")]
    if not 2 <= len(steps) <= 4:
        yield f"two to four level-2 headings build the lesson between Predict and Break it, but {len(steps)} do"
    if headings[0] != "Predict" or headings[-1] != "Full-scale run":
        yield "no level-2 heading may stand before Predict or after Full-scale run"


def predict(lab: Lab) -> Iterator[str]:
    code = [cell for cell in labs.section(lab, "Predict") if cell.cell_type == "code"]
    if not any(map(_sets_literal, code)):
        yield "the Predict section needs a code cell in which the learner sets a number before running"


def _sets_literal(cell) -> bool:
    tree = labs.syntax(cell)
    return tree is not None and any(_assigned_literal(node) for node in tree.body)


def break_it(lab: Lab) -> Iterator[str]:
    inside = labs.section(lab, "Break it on purpose")
    if not any(_expects_error(cell) for cell in inside if cell.cell_type == "code"):
        yield "Break it on purpose must break inside `with checks.breaks(...):`, which shows the error and goes on"
    elif inside[-1].cell_type != "markdown":
        yield "Break it on purpose must end in prose that says why it breaks"


def _expects_error(cell) -> bool:
    blocks = [node for node in ast.walk(labs.syntax(cell) or ast.Module([], [])) if isinstance(node, ast.With)]
    entered = [item.context_expr for block in blocks for item in block.items]
    return any(isinstance(call, ast.Call) and ast.unparse(call.func) == "checks.breaks" for call in entered)


def reconcile(lab: Lab) -> Iterator[str]:
    inside = labs.section(lab, "Reconcile")
    if not any(cell.cell_type == "code" for cell in inside):
        yield "Reconcile must compute the comparison of the predicted, the measured and the published number"
    if "published" not in text(inside).lower() or not any("predict" in cell.source.lower() for cell in inside):
        yield "Reconcile must set the learner's prediction against the measured and the published number"


def recap(lab: Lab) -> Iterator[str]:
    words = text(labs.section(lab, "Recap"))
    if len(ITEM.findall(words)) < 3:
        yield "the recap must answer the three objectives, one list item each"
    for what, pattern in (("its sources", "source"), ("the next lab", r"\bnext\b")):
        if not re.search(pattern, words, re.IGNORECASE):
            yield f"the recap must name {what}"


def full_scale(lab: Lab) -> Iterator[str]:
    code = [cell for cell in labs.section(lab, "Full-scale run") if cell.cell_type == "code"]
    if not code:
        yield "the Full-scale run needs a code cell"
    for cell in code:
        tree = labs.syntax(cell)
        if tree is None or not tree.body or not all(map(_is_guarded, tree.body)):
            yield 'every statement of the Full-scale run must stand under `if PROFILE == "full":`'


def _is_guarded(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "PROFILE == 'full'" and not node.orelse


def links(lab: Lab) -> Iterator[str]:
    targets = re.findall(r"\]\(([^)#]+)", text(labs.opening(lab)))
    if not any((lab.path.parent / target).resolve() == lab.chapter.resolve() for target in targets):
        yield f"the opening must link to the chapter, ../../book/{lab.chapter.name}"
    if not lab.chapter.is_file():
        yield f"the chapter book/{lab.chapter.name} must exist"
        return
    back = re.findall(r"\]\(([^)#]+)", lab.chapter.read_text(encoding="utf-8"))
    if not any((lab.chapter.parent / target).resolve() == lab.path.resolve() for target in back):
        yield f"the chapter must link back to ../labs/{lab.name}/{lab.path.name}"


def exercise_count(lab: Lab) -> Iterator[str]:
    count = len(assignment.exercise_cells(lab.notebook))
    if not 3 <= count <= 5:
        yield f"a lab has three to five exercises, but {count} came"


def exercise_statements(lab: Lab) -> Iterator[str]:
    for number, (solution, checks) in enumerate(assignment.exercise_cells(lab.notebook), start=1):
        before = lab.cells[lab.cells.index(solution) - 1]
        found = STATEMENT.search(before.source) if before.cell_type == "markdown" else None
        points = sum(check.metadata.nbgrader.points for check in checks)
        if not found or (int(found[1]), int(found[2])) != (number, points):
            yield (
                f"the cell before {assignment.grade_id(solution)} must state "
                f"`Exercise {number} ({points} points)`, as its checks give"
            )


RULES: tuple[Rule, ...] = (
    opening,
    parameters,
    imports,
    order,
    predict,
    break_it,
    reconcile,
    recap,
    full_scale,
    links,
    exercise_count,
    exercise_statements,
)
