"""Submitted notebooks are rebuilt from the released one, and every repair is told."""

import ast
import copy
import json

import nbformat
import pytest
from hypothesis import given, settings, strategies

from grader import assignment
from grader.assignment import SOLUTION_REGION
from grader.intake import collect, notebook_file
from grader.repair import rebuild
from tests.support import example_lab, labs, nbgrader_course
from tests.support.submitted_notebooks import (
    LAB,
    NAMES,
    STUB,
    answered,
    at,
    code,
    named,
    repaired,
    sources,
    student_version,
)


@pytest.mark.parametrize("name", assignment.graded_names())
def test_every_lab_needs_no_repair_and_its_solutions_define_their_functions(name):
    lab = assignment.by_name(name)
    for solved in (lab.notebook, student_version(lab, True), student_version(lab, False)):
        rebuilt = rebuild.rebuild(solved, lab)
        assert (rebuilt.repairs, rebuilt.lost) == ((), ())
        assert [cell_id for cell_id, _ in rebuilt.cells] == [exercise.cell_id for exercise in lab.exercises]
    for exercise, (_, source) in zip(lab.exercises, rebuild.rebuild(lab.notebook, lab).cells, strict=True):
        assert exercise.function in {getattr(node, "name", "") for node in ast.parse(source).body}


def test_a_function_in_a_new_cell_is_found(notebook):
    notebook.cells[at(notebook, "k-shot")] = code(named(notebook, "k-shot").source)
    assert answered(repaired(notebook, "k-shot", "function"))


def test_an_answer_below_the_blank_is_found(notebook):
    answer = code(named(notebook, "k-shot").source)
    named(notebook, "k-shot").source = SOLUTION_REGION.sub(STUB, answer.source)
    for place in (0, 1):
        changed = copy.deepcopy(notebook)
        changed.cells.insert(at(changed, "k-shot") + place, answer)
        rebuilt = repaired(changed, "k-shot", "function")
        assert answered(rebuilt)
        assert len(rebuilt.cells) == 4


@pytest.mark.parametrize("same_id", [True, False])
@pytest.mark.parametrize("place", [0, 1])
def test_the_last_of_doubled_cells_above_the_check_counts(notebook, same_id, place):
    original = named(notebook, "k-shot")
    copied = code("def k_shot(target, examples):\n    return 1", "k-shot" if same_id else "pasted", **original.metadata)
    notebook.cells.insert(at(notebook, "k-shot") + place, copied)
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert "k-shot: two cells define k_shot; the one below counts." in rebuilt.repairs
    assert answered(rebuilt) == (place == 0)
    assert len(rebuilt.cells) == 5


def test_a_doubled_cell_that_is_blank_does_not_count(notebook):
    original = named(notebook, "k-shot")
    notebook.cells.insert(at(notebook, "k-shot"), code(SOLUTION_REGION.sub(STUB, original.source), "k-shot"))
    assert answered(rebuild.rebuild(notebook, LAB))


def test_a_doubled_check_is_reported(notebook):
    notebook.cells.append(copy.deepcopy(named(notebook, "pick-check")))
    repaired(notebook, "pick", "pick-check", "2 times")


def test_moved_cells_return(notebook):
    cells, (first, second) = notebook.cells, (at(notebook, "k-shot"), at(notebook, "pick"))
    cells[first], cells[second] = cells[second], cells[first]
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert [cell_id for cell_id, _ in rebuilt.cells] == NAMES
    assert [text.split(":")[0] for text in rebuilt.repairs] == ["k-shot", "pick"]
    assert all("moved" in text for text in rebuilt.repairs)


@pytest.mark.parametrize("neighbour", ["k-shot-check", "few-shot", "largest-k"])
@pytest.mark.parametrize("kept", ["k-shot", "neighbour"])
def test_merged_cells_are_taken_apart(notebook, neighbour, kept):
    ours, other = at(notebook, "k-shot"), at(notebook, neighbour)
    source = "\n\n".join(notebook.cells[place].source for place in sorted((ours, other)))
    keeper, gone = (ours, other) if kept == "k-shot" else (other, ours)
    notebook.cells[keeper].source = source
    del notebook.cells[gone]
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert [cell_id for cell_id, _ in rebuilt.cells] == NAMES
    assert all(answered(rebuilt, name) for name in NAMES)
    assert any(text.startswith("k-shot: its") for text in rebuilt.repairs) or neighbour == "largest-k"
    assert rebuilt.repairs


def test_a_cell_merged_into_markdown_is_taken_out(notebook):
    place = at(notebook, "k-shot")
    notebook.cells[place - 1].source += "\n\n" + notebook.cells[place].source
    assert notebook.cells[place - 1].cell_type == "markdown"
    del notebook.cells[place]
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert answered(rebuilt)
    assert all(text.startswith("k-shot") for text in rebuilt.repairs)


def test_a_helper_split_off_still_runs(notebook):
    place = at(notebook, "k-shot")
    helper = code("JOIN = 3", "helper", **notebook.cells[place].metadata)
    notebook.cells.insert(place, helper)
    assert rebuild.rebuild(notebook, LAB).cells[0] == ("added-1", "JOIN = 3")


@pytest.mark.parametrize(
    ("change", "word"), [("delete", "deleted"), ("edit", "edited"), ("markdown", "no longer a code cell")]
)
@pytest.mark.parametrize("cell_id", ["k-shot-check", "imports"])
def test_cells_of_ours_are_used_as_released(notebook, cell_id, change, word):
    cell = named(notebook, cell_id)
    if change == "delete":
        notebook.cells.remove(cell)
    elif change == "edit":
        cell.source = "assert True"
    else:
        cell.cell_type = "markdown"
    rebuilt = repaired(notebook, word, cell_id)
    assert [cell_id for cell_id, _ in rebuilt.cells] == NAMES


def test_added_cells_stay_in_order_and_ours_do_not_run(notebook):
    notebook.cells.insert(0, code("a = 1"))
    notebook.cells.insert(at(notebook, "rouge1"), code("b = 2"))
    notebook.cells.append(code("c = 3"))
    notebook.cells.append(code("# nothing"))
    notebook.cells.append(code(named(notebook, "load-all").source, "pasted"))
    named(notebook, "prediction").source = "my_first_example = 0.9"
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert rebuilt.repairs == ()
    assert [cell_id for cell_id, _ in rebuilt.cells] == ["added-1", *NAMES[:2], "added-2", *NAMES[2:], "added-3"]
    assert [source for cell_id, source in rebuilt.cells if cell_id.startswith("added")] == ["a = 1", "b = 2", "c = 3"]


def test_imports_and_helpers_in_cells_of_ours_are_kept_where_solutions_use_them(notebook):
    named(notebook, "imports").source += "\nimport numpy as np\nimport json\nchecks = None"
    named(notebook, "bare").source += "\n\n\ndef helper(text):\n    return np.array(text)\n\n\nprint(helper('a'))"
    named(notebook, "rouge1").source = "def rouge1(prediction, reference):\n    return helper(prediction)"
    rebuilt = rebuild.rebuild(notebook, LAB)
    added = [source.strip() for cell_id, source in rebuilt.cells if cell_id.startswith("added")]
    assert added == ["import numpy as np", "def helper(text):\n    return np.array(text)"]
    assert sum("was kept" in text for text in rebuilt.repairs) == 2


def test_repairs_without_end_are_counted(notebook):
    notebook.cells += [code(f"%%time {number}\n{number}") for number in range(9)]
    notebook.cells += [code(f"%pip install {number}") for number in range(99)]
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert len(rebuilt.repairs) == rebuild.MAX_REPAIRS + 1
    assert rebuilt.repairs[-1] == "68 more repairs were made."


@pytest.mark.parametrize("source", ["", "def kshot(target, examples):\n    return ''", "k_shot("])
def test_what_is_gone_costs_its_exercise_only(notebook, source):
    named(notebook, "k-shot").source = source
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert [name for name, _ in rebuilt.lost] == ["k-shot"]
    assert "k_shot" in rebuilt.lost[0][1]
    assert all(answered(rebuilt, name) for name in NAMES[1:])


TEXT = json.dumps(LAB.notebook)
WORDS = [
    "\n",
    "def k_shot(target, examples):",
    "    return 1",
    "%%time",
    "x = (",
    ")",
    "'''",
    "```",
    "import json",
    "é",
]


def changed(notebook, draw):
    """One thing that people or editors do to a notebook."""
    cells = notebook.cells
    index, other = (draw(strategies.integers(0, len(cells) - 1)) for _ in range(2))
    cell, what = cells[index], draw(strategies.sampled_from(["drop", "copy", "swap", "type", "split", "merge", "add"]))
    if what == "drop":
        cells.remove(cell)
    elif what == "copy":
        cells.insert(
            other,
            nbformat.from_dict({**copy.deepcopy(cell), "id": draw(strategies.sampled_from([cell.id, "", "new"]))}),
        )
    elif what == "swap":
        cells[index], cells[other] = cells[other], cell
    elif what == "type":
        cell.cell_type = draw(strategies.sampled_from(["code", "markdown", "raw"]))
    elif what == "merge":
        cell.source += "\n" + cells.pop((index + 1) % len(cells)).source
    elif what == "split":
        lines = cell.source.split("\n")
        cut = draw(strategies.integers(0, len(lines)))
        cell.source = "\n".join(lines[:cut])
        cells.insert(index + 1, code("\n".join(lines[cut:])))
    else:
        cell.source += "\n".join(draw(strategies.lists(strategies.sampled_from(WORDS), max_size=5)))


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(strategies.data())
def test_whatever_is_done_every_exercise_is_run_or_lost(data):
    notebook = nbformat.from_dict(json.loads(TEXT))
    for _ in range(data.draw(strategies.integers(1, 12))):
        changed(notebook, data.draw)
    rebuilt = rebuild.rebuild(notebook, LAB)
    names = [name for name, _ in rebuilt.cells]
    assert sorted([name for name in names if name in NAMES] + [name for name, _ in rebuilt.lost]) == sorted(NAMES)
    assert len(set(names)) == len(names)
    assert [name for name in names if name in NAMES] == [name for name in NAMES if name in names]
    assert all(text.endswith(".") for text in rebuilt.repairs)


@pytest.mark.slow
def test_nbgrader_and_its_tree_fit(tmp_path):
    lab = labs.read(labs.ROOT / "labs" / LAB.name / f"{LAB.name}.ipynb")
    made = nbgrader_course.create(tmp_path, lab)
    made.submit("anna", made.release())
    (submission,) = collect.collect(tmp_path / "_build" / "submitted", tmp_path / "unpacked")
    assert (submission.student, submission.assignment) == ("anna", LAB.name)
    read, repairs = notebook_file.read(submission.path)
    rebuilt = rebuild.rebuild(read, LAB)
    assert (repairs, rebuilt.repairs, rebuilt.lost) == ([], (), ())
    assert "raise NotImplementedError()" in sources(rebuilt)["k-shot"]


def test_a_lesson_cell_that_a_solution_takes_a_name_from_runs_too(tmp_path):
    lab = assignment.read(example_lab.write(tmp_path))
    lesson = [cell for cell in lab.notebook.cells if cell.cell_type == "code" and "predicted" in cell.source]
    lesson[0].source = "import math\nscale = math.pi\npredicted = scale * 2\n"
    solved = {each.cell_id: "" for each in lab.exercises}
    uses = "def mean(values):\n    return sum(values) / len(values) * (predicted / predicted)\n"
    assert rebuild.needed_lesson_cells(lab, ["def mean(values):\n    return len(values)\n"]) == []
    assert [cell_id for cell_id, _ in rebuild.needed_lesson_cells(lab, [*solved.values(), uses])] == [lesson[0].id]
    assert rebuild.needed_lesson_cells(lab, [uses, "predicted = 3"]) == []
