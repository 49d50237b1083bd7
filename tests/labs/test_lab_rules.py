"""Every lab has the anatomy and keeps the limits; and every rule catches the fault it is there for."""

import nbformat
import pytest

from grader import assignment
from tests.support import example_lab, labs
from tests.support.example_lab import code, text
from tests.support.lab_rules import anatomy, exercises, limits

GRADED_RULES = (*anatomy.RULES, *exercises.RULES)
RULES = (*limits.RULES, *GRADED_RULES)
SHOWN = 'fig, ax = plotting.new()\nplotting.show(fig, alt="{alt}")'
LONG_ALT = "Score rises from zero to one example and then falls."


def faults(path):
    """One `rule: sentence` per fault; an ungraded notebook answers to the limits alone."""
    lab = labs.read(path)
    rules = RULES if lab.is_graded else limits.RULES
    return [f"{rule.__name__}: {fault}" for rule in rules for fault in rule(lab)]


def lab_id(path):
    return path.stem


def test_a_lab_exists():
    assert assignment.graded_paths(), "labs/NN_topic/NN_topic.ipynb must hold at least one lab"


@pytest.mark.parametrize("path", labs.paths(), ids=lab_id)
def test_lab_keeps_every_rule(path):
    assert not faults(path)


def test_the_example_keeps_every_rule(tmp_path):
    assert not faults(example_lab.write(tmp_path))


def test_an_ungraded_notebook_answers_to_the_limits_alone(tmp_path):
    graded = example_lab.write(tmp_path)
    more = graded.with_name(f"{example_lab.NAME}_more.ipynb")
    notebook = example_lab.build()
    notebook.cells = [code("x = 1"), code("%pip install x")]
    nbformat.write(notebook, more)
    assert [fault.split(":")[0] for fault in faults(more)] == ["plain_python"]
    assert assignment.graded_paths(tmp_path) == [graded]


def find(notebook, beginning):
    return next(cell for cell in notebook.cells if cell.source.startswith(beginning))


def drop(beginning):
    return lambda notebook: notebook.cells.remove(find(notebook, beginning))


def swap(old, new):
    """A fault: the one place where `old` stands becomes `new`."""

    def fault(notebook):
        place = next(cell for cell in notebook.cells if old in cell.source)
        place.source = place.source.replace(old, new, 1)

    return fault


def after(beginning, *cells):
    def fault(notebook):
        place = notebook.cells.index(find(notebook, beginning)) + 1
        notebook.cells[place:place] = cells

    return fault


def retag(beginning, *tags):
    return lambda notebook: find(notebook, beginning).metadata.update(tags=list(tags))


def regrade(beginning, **values):
    return lambda notebook: find(notebook, beginning).metadata.nbgrader.update(values)


def drop_exercise(notebook):
    place = notebook.cells.index(find(notebook, "**Exercise 3"))
    del notebook.cells[place : place + 3]


def with_output(notebook):
    output = nbformat.v4.new_output("stream", name="stdout", text="0\n")
    find(notebook, "predicted").update(outputs=[output], execution_count=1)


def many_cells(count, make):
    return after("## Build a row", *[cell for index in range(count) for cell in (make(index), text("Read it."))])


def lines(count):
    return "\n".join(f"value = {index}" for index in range(count))


def long_median(notebook):
    for cell in labs.Lab(None, notebook).code:
        if "nbgrader" not in cell.metadata and not cell.metadata.get("tags") and "import" not in cell.source:
            cell.source += "\n" + "\n" * 20
    notebook.cells.extend([text("Read."), code(lines(10)), text("Read."), code(lines(10))])


STRUCTURE_FAULTS = {
    "no title": ("opening", swap("# Books", "Books")),
    "no question": ("opening", swap("fit on a shelf?", "fit on a shelf.")),
    "two objectives": ("opening", swap("- Average what stands.\n", "")),
    "no minutes": ("opening", swap("1 minute", "a moment")),
    "no memory": ("opening", swap("0.3 GB", "little")),
    "no network": ("opening", swap("no network", "offline")),
    "parameters untagged": ("parameters", retag("PROFILE")),
    "a fifth parameter": ("parameters", swap("SEED = 0", "SEED = 0\nSHOTS = 3")),
    "a computed parameter": ("parameters", swap("SEED = 0", "SEED = int()")),
    "a missing parameter": ("parameters", swap("\nSEED = 0", "")),
    "a second import cell": ("imports", swap("predicted = 0", "import math\npredicted = 0")),
    "an import in a function": ("imports", swap("HEIGHTS = [4, 6]", "def f():\n    import math")),
    "utils not checked": ("imports", swap("runtime.require_ours(utils)\n", "")),
    "a missing section": ("order", drop("## Reconcile")),
    "sections out of order": ("order", lambda notebook: notebook.cells.append(notebook.cells.pop(3))),
    "one building step": ("order", swap("## Build an average", "### Build an average")),
    "a section before predict": ("order", swap("# Books on a shelf", "# Books on a shelf\n\n## Before")),
    "no number to predict": ("predict", swap("predicted = 0", "print(0)")),
    "nothing breaks": ("break_it", swap("with checks.breaks(ZeroDivisionError):", "with open(HEIGHTS):")),
    "breaks in a comment": ("break_it", swap("with checks", "if PROFILE:  # with checks")),
    "breaks elsewhere": (
        "break_it",
        lambda nb: nb.cells.insert(5, nb.cells.pop(nb.cells.index(find(nb, "with checks")))),
    ),
    "breaks without a reason": ("break_it", drop("The sum is divided")),
    "reconcile computes nothing": ("reconcile", drop("print(predicted")),
    "reconcile without a published number": ("reconcile", swap("published", "other")),
    "recap of two": ("recap", swap("- Counted.\n", "")),
    "recap without sources": ("recap", swap("Sources: none.", "")),
    "recap without the next lab": ("recap", swap("Next: lab 03.", "")),
    "full-scale unguarded": ("full_scale", swap('if PROFILE == "full":\n    print', "print")),
    "full-scale guarded by another": ("full_scale", swap('"full"', '"grade"')),
    "full-scale with an else": (
        "full_scale",
        lambda nb: nb.cells[-1].update(source='if PROFILE == "full": 1\nelse: 2'),
    ),
    "no link to the chapter": ("links", swap("../../book/02_example.md", "../../book/03_other.md")),
    "two exercises": ("exercise_count", drop_exercise),
    "points not as stated": ("exercise_statements", swap("Exercise 2 (2 points)", "Exercise 2 (3 points)")),
    "an exercise out of number": ("exercise_statements", swap("Exercise 2 (", "Exercise 7 (")),
}
EXERCISE_FAULTS = {
    "metadata incomplete": ("graded_metadata", lambda nb: find(nb, "def mean").metadata.nbgrader.pop("locked")),
    "an old schema": ("graded_metadata", regrade("def mean", schema_version=2)),
    "a check unlocked": ("graded_metadata", regrade('"""mean', locked=False)),
    "a check worth nothing": ("graded_metadata", regrade('"""mean', points=0)),
    "a grade_id twice": ("graded_metadata", regrade('"""mean', grade_id="fitting-check")),
    "a check far away": ("checks_follow", after("def mean", text("In between."))),
    "an exercise without check": ("checks_follow", drop('"""mean')),
    "solution unmarked": ("solutions", swap("    ### END SOLUTION", "")),
    "two functions": ("solutions", swap("def mean(", "def other() -> int:\n    return 1\n\n\ndef mean(")),
    "an argument without type": ("solutions", swap("values: list", "values")),
    "no return type": ("solutions", swap(") -> float", ")")),
    "no worked example": ("solutions", swap(">>> mean", "mean")),
    "no hidden tests": ("visible_then_hidden", swap("### BEGIN HIDDEN TESTS", "")),
    "a check without docstring": ("visible_then_hidden", swap('"""mean: by hand."""\n', "")),
    "hidden tests alone": ("visible_then_hidden", swap("assert mean([1, 2]) ==", "mean([1, 2]) ==")),
    "nothing hidden is asserted": ("visible_then_hidden", swap("assert mean(HEIGHTS) == 5,", "mean(HEIGHTS) == 5,")),
    "code after the hidden tests": (
        "visible_then_hidden",
        lambda nb: find(nb, '"""mean').update(source=find(nb, '"""mean').source + "\nprint(1)"),
    ),
    "an assert without message": ("messages", swap(', "the mean of 4 and 6 is 5"', "")),
    "a name of the lesson bound again": (
        "checks_leave_names",
        swap("assert mean([1, 2]) ==", "predicted = 1\nassert mean([1, 2]) =="),
    ),
    "solution shown in the book": ("hidden_in_the_book", retag("def mean")),
}
LIMIT_FAULTS = {
    "71 cells": ("counts", after("## Build a row", *[text("Read.") for _ in range(45)])),
    "37 code cells": ("counts", many_cells(23, lambda index: code(f"row_{index} = 0"))),
    "a heavy file": ("counts", lambda nb: nb.metadata.update(note="x" * 102_400)),
    "26 lines": ("lengths", after("## Build a row", code(lines(26)), text("Read."))),
    "41 lines in a long cell": ("lengths", after("## Build a row", code(lines(41), "long-cell"), text("Read."))),
    "13 lines of prose": ("lengths", after("## Build a row", text("\n".join("a row" for _ in range(13))))),
    "long cells as a habit": ("lengths", long_median),
    "four code cells in a row": ("rhythm", after("lesson_ran", code("a = 1"), code("b = 1"))),
    "an output": ("no_outputs", with_output),
    "a shell line": ("plain_python", swap("lesson_ran = True", "!ls")),
    "a pip cell": ("plain_python", swap("lesson_ran = True", "%pip install x")),
    "wget": ("plain_python", swap("lesson_ran = True", 'run("wget x")')),
    "silenced warnings": ("plain_python", swap("lesson_ran = True", 'warnings.filterwarnings("ignore")')),
    "an embedded file": ("plain_python", swap("lesson_ran = True", 'image = "data:image/png;base64,AA"')),
    "a syntax error": ("plain_python", swap("lesson_ran = True", "lesson_ran =")),
    "an empty cell": ("plain_python", swap("lesson_ran = True", "")),
    "an error by tag": ("known_tags", retag("lesson_ran", "raises-exception")),
    "a misspelt tag": ("known_tags", retag("lesson_ran", "excercise-setup")),
    "another kernel": ("kernel", lambda notebook: notebook.metadata.kernelspec.update(name="torch")),
    "pyplot": ("figures", swap("lesson_ran = True", "plt.plot([1])")),
    "a figure not shown": ("figures", swap("lesson_ran = True", "fig, ax = plotting.new()")),
    "a short alt text": ("figures", swap("lesson_ran = True", SHOWN.format(alt="A figure of the scores."))),
    "an alt text from elsewhere": ("figures", swap("lesson_ran = True", "plotting.show(plotting.new()[0], alt=alt)")),
    "a pasted picture": ("figures", swap("The mean says", "![a picture](shelf.png) says")),
}
FAULTS = STRUCTURE_FAULTS | EXERCISE_FAULTS | LIMIT_FAULTS


@pytest.mark.parametrize("name", FAULTS)
def test_the_rule_catches_its_fault(tmp_path, name):
    rule, fault = FAULTS[name]
    notebook = example_lab.build()
    fault(notebook)
    found = faults(example_lab.write(tmp_path, notebook))
    assert any(line.startswith(f"{rule}: ") for line in found), found or "no rule noticed"


@pytest.mark.parametrize(("chapter", "word"), [(None, "must exist"), ("# No link back\n", "must link back")])
def test_the_chapter_links_back(tmp_path, chapter, word):
    found = faults(example_lab.write(tmp_path, chapter=chapter))
    assert len(found) == 1
    assert found[0].startswith("links: ")
    assert word in found[0]


@pytest.mark.parametrize("stem", ["02_other", "notes"])
def test_a_notebook_has_its_folders_name(tmp_path, stem):
    path = example_lab.write(tmp_path)
    assert any(line.startswith("names: ") for line in faults(path.rename(path.with_stem(stem))))


def test_every_rule_is_proven():
    proven = {rule for rule, _ in FAULTS.values()} | {"names"}
    assert {rule.__name__ for rule in RULES} == proven


@pytest.mark.parametrize("alt", [f'"{LONG_ALT}"', f'f"{LONG_ALT} {{1:.2f}}"'])
def test_a_figure_with_its_alt_text_is_fine(tmp_path, alt):
    notebook = example_lab.build()
    swap("lesson_ran = True", SHOWN.replace('"{alt}"', alt))(notebook)
    assert not faults(example_lab.write(tmp_path, notebook))


def test_a_long_cell_may_hold_a_class(tmp_path):
    notebook = example_lab.build()
    after("## Build a row", code(lines(40), "long-cell"), text("Read."))(notebook)
    assert not faults(example_lab.write(tmp_path, notebook))
