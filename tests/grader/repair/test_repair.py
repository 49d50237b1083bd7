"""Submitted notebooks are read whatever wrote them, and rebuilt from the released one."""

import ast
import copy
import json

import nbformat
import pytest
from hypothesis import given, settings, strategies

from grader import assignment
from grader.assignment import SOLUTION_REGION, is_check, is_solution, without_hidden
from grader.intake import collect, notebook_file
from grader.repair import rebuild
from tests.support import example_lab, labs, nbgrader_course

STUB = "    # YOUR CODE HERE\n    raise NotImplementedError()\n"
LAB = assignment.by_name("02_prompting")
NAMES = [exercise.cell_id for exercise in LAB.exercises]


def student_version(lab, solved):
    """The released notebook as nbgrader derives it, its solutions in or cut."""
    notebook = copy.deepcopy(lab.notebook)
    for cell in notebook.cells:
        if is_solution(cell) and not solved:
            cell.source = SOLUTION_REGION.sub(STUB, cell.source)
        if is_check(cell):
            cell.source = without_hidden(cell.source)
    return notebook


@pytest.fixture
def notebook():
    return student_version(LAB, solved=True)


def at(notebook, cell_id):
    return next(index for index, cell in enumerate(notebook.cells) if cell.id == cell_id)


def named(notebook, cell_id):
    return notebook.cells[at(notebook, cell_id)]


def code(source, cell_id="new", **metadata):
    return nbformat.from_dict({"cell_type": "code", "id": cell_id, "metadata": metadata, "source": source})


def sources(rebuilt):
    return dict(rebuilt.cells)


def answered(rebuilt, exercise="k-shot"):
    """Whether the lab's own solution is what runs for an exercise."""
    solution = next(cell.source for cell in LAB.notebook.cells if cell.id == exercise)
    return ast.dump(ast.parse(solution)) == ast.dump(ast.parse(sources(rebuilt)[exercise]))


def repaired(notebook, *parts):
    """The rebuilt notebook, whose only repair holds every one of `parts`."""
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert len(rebuilt.repairs) == 1, rebuilt.repairs
    assert all(part in rebuilt.repairs[0] for part in parts), rebuilt.repairs
    assert rebuilt.lost == ()
    return rebuilt


@pytest.mark.parametrize("name", assignment.graded_names())
def test_every_lab_needs_no_repair_and_its_solutions_define_their_functions(name):
    lab = assignment.by_name(name)
    for solved in (lab.notebook, student_version(lab, True), student_version(lab, False)):
        rebuilt = rebuild.rebuild(solved, lab)
        assert (rebuilt.repairs, rebuilt.lost) == ((), ())
        assert [cell_id for cell_id, _ in rebuilt.cells] == [exercise.cell_id for exercise in lab.exercises]
    for exercise, (_, source) in zip(lab.exercises, rebuild.rebuild(lab.notebook, lab).cells, strict=True):
        assert exercise.function in {getattr(node, "name", "") for node in ast.parse(source).body}


@pytest.mark.parametrize("name", assignment.graded_names())
@pytest.mark.parametrize("solved", [True, False])
def test_every_lab_survives_another_editor(name, solved):
    lab = assignment.by_name(name)
    notebook = student_version(lab, solved)
    for cell in notebook.cells:
        cell.id, cell.metadata = "x", {}
    rebuilt = rebuild.rebuild(notebook, lab)
    assert [cell_id for cell_id, _ in rebuilt.cells] == [exercise.cell_id for exercise in lab.exercises]
    assert len(rebuilt.repairs) == len(lab.exercises)


def test_new_ids_are_found_by_grade_id(notebook):
    named(notebook, "k-shot").id = "renewed"
    assert answered(repaired(notebook, "k-shot", "another id"))


def test_lost_metadata_is_reported(notebook):
    named(notebook, "rouge1").metadata = {}
    assert answered(repaired(notebook, "rouge1", "metadata"), "rouge1")


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
def test_the_first_of_doubled_cells_counts(notebook, same_id, place):
    original = named(notebook, "k-shot")
    copied = code("def k_shot(target, examples):\n    return 1", "k-shot" if same_id else "pasted", **original.metadata)
    notebook.cells.insert(at(notebook, "k-shot") + place, copied)
    rebuilt = repaired(notebook, "k-shot", "twice")
    assert answered(rebuilt) == (not same_id or place == 1)
    assert len(rebuilt.cells) == 4


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


@pytest.mark.parametrize("line", [1, 3, 8, 10])
@pytest.mark.parametrize("part", [0, 1])
def test_a_split_cell_is_put_together(notebook, line, part):
    place = at(notebook, "k-shot")
    lines = notebook.cells[place].source.split("\n")
    halves = [code("\n".join(lines[:line])), code("\n".join(lines[line:]))]
    halves[part].id, halves[part].metadata = "k-shot", notebook.cells[place].metadata
    notebook.cells[place : place + 1] = halves
    assert answered(repaired(notebook, "k-shot", "split"))


def test_a_helper_split_off_still_runs(notebook):
    place = at(notebook, "k-shot")
    helper = code("JOIN = 3", "helper", **notebook.cells[place].metadata)
    notebook.cells.insert(place, helper)
    assert rebuild.rebuild(notebook, LAB).cells[0] == ("added-1", "JOIN = 3")


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("fence", ["{}", "```python\n{}\n```"])
def test_another_cell_type_is_read_as_code(notebook, kind, fence):
    cell = named(notebook, "k-shot")
    cell.cell_type, cell.source = kind, fence.format(cell.source)
    assert answered(repaired(notebook, "k-shot", "code cell"))


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


def test_layout_and_comments_are_no_edit(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = "# mine\n" + cell.source.replace("\n", "  \n\n") + "\n"
    assert rebuild.rebuild(notebook, LAB).repairs == ()


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


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("%timeit k_shot('', [])", "pass"),
        ("!ls \\\n  -l", "pass\npass"),
        ("k_shot?", "pass"),
        ("?k_shot", "pass"),
        ("files = !ls", "pass"),
        ("%%time", "pass"),
    ],
)
def test_lines_of_ipython_are_taken_out(notebook, line, left):
    cell = named(notebook, "k-shot")
    cell.source = f"{line}\n{cell.source}"
    rebuilt = repaired(notebook, "k-shot", "no Python")
    assert sources(rebuilt)["k-shot"].startswith(left + "\ndef k_shot")


def test_cells_in_other_languages_do_not_run(notebook):
    notebook.cells.append(code("%%bash\nrm -r everything"))
    rebuilt = repaired(notebook, "%%bash")
    assert len(rebuilt.cells) == 4


def test_repairs_without_end_are_counted(notebook):
    notebook.cells += [code(f"%%bash\n{number}") for number in range(9)]
    notebook.cells += [code(f"%magic {number}") for number in range(99)]
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert len(rebuilt.repairs) == rebuild.MAX_REPAIRS + 1
    assert rebuilt.repairs[-1] == "60 more repairs were made."


def test_percent_signs_in_python_stay(notebook):
    notebook.cells.append(code('text = """\n%d\n!\n"""\nrest = (7\n% 4)'))
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert rebuilt.repairs == ()
    assert rebuilt.cells[-1][1] == notebook.cells[-1].source


@pytest.mark.parametrize("source", ["", "def kshot(target, examples):\n    return ''", "k_shot("])
def test_what_is_gone_costs_its_exercise_only(notebook, source):
    named(notebook, "k-shot").source = source
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert [name for name, _ in rebuilt.lost] == ["k-shot"]
    assert "k_shot" in rebuilt.lost[0][1]
    assert all(answered(rebuilt, name) for name in NAMES[1:])


def test_a_syntax_error_is_left_to_its_exercise(notebook):
    named(notebook, "k-shot").source = "def k_shot(target, examples)\n    return ''"
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert (rebuilt.repairs, rebuilt.lost) == ((), ())


def test_names_of_cells_are_harmless(notebook):
    for cell_id in ("../../etc", "\x1b[2J\x00", "k" * 100_000, "added-1", ""):
        notebook.cells.append(code("x = 1", cell_id, nbgrader={"grade_id": cell_id}))
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert rebuilt.repairs == ()
    assert [cell_id for cell_id, _ in rebuilt.cells] == [*NAMES, *(f"added-{number}" for number in range(1, 6))]


@pytest.mark.parametrize(
    "source",
    [
        "x" + ".a" * 20_000,
        "f" + "()" * 20_000,
        "(" * 20_000,
        "-" * 40_000 + "1",
        "1" + "+1" * 20_000,
        "x\x00y",
        "\ud800",
        "x = 1\n" * 20_000,
        "'\\d'",
        "9" * 10_000,
        "\n" * 200_000,
        "@a\n" * 200_000,
        "%" + " " * 200_000 + "é",
    ],
)
def test_sources_made_to_break_a_parser_do_not(notebook, source):
    named(notebook, "largest-k").source += "\n" + source
    named(notebook, "imports").source += "\nimport json\n" + source
    notebook.cells.append(code(source))
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert answered(rebuilt)
    assert rebuilt.lost == ()


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


def test_many_cells_are_rebuilt_in_time(notebook):
    del notebook.cells[1]
    notebook.cells += [code(f"x{number} = {number}\n" * 20) for number in range(3000)]
    assert len(rebuild.rebuild(notebook, LAB).cells) == 3004


def written(folder, data):
    path = folder / "02_prompting.ipynb"
    path.write_bytes(data)
    return path


def grades(notebook):
    return [name for name, _ in rebuild.rebuild(notebook, LAB).cells]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_are_told_and_read(notebook, tmp_path, encoding):
    text = json.dumps(notebook, ensure_ascii=False).replace("\n", "\r\n")
    read, repairs = notebook_file.read(written(tmp_path, text.encode(encoding)))
    assert [cell.source for cell in read.cells] == [cell.source for cell in notebook.cells]
    assert len(repairs) == (not encoding.startswith("utf-8"))
    assert rebuild.rebuild(read, LAB).repairs == ()


def test_other_bytes_are_replaced(notebook, tmp_path):
    data = json.dumps(notebook).encode().replace(b"# Prompting", b"# Pr\xf6mpting", 1)
    read, repairs = notebook_file.read(
        written(tmp_path, data + b" " if b"\xf6" in data else data.replace(b"the", b"\xf6", 1))
    )
    assert len(read.cells) == len(notebook.cells)
    assert "UTF-8" in repairs[0]


def test_line_ends_of_windows_are_replaced(notebook, tmp_path):
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n")
    read, repairs = notebook_file.read(written(tmp_path, json.dumps(notebook).encode()))
    assert repairs == ["Line ends of another system were replaced by plain ones."]
    assert rebuild.rebuild(read, LAB).repairs == ()


@pytest.mark.parametrize("minor", [0, 2, 4])
def test_older_minor_formats_have_no_ids(notebook, tmp_path, minor):
    notebook.nbformat_minor = minor
    for cell in notebook.cells:
        del cell["id"]
    read, repairs = notebook_file.read(written(tmp_path, json.dumps(notebook).encode()))
    assert repairs == []
    assert grades(read) == NAMES


def test_format_3_is_converted(notebook, tmp_path):
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    older = nbformat.convert(notebook, 3)
    read, repairs = notebook_file.read(written(tmp_path, json.dumps(older).encode()))
    assert "older format" in repairs[0]
    assert grades(read) == NAMES
    assert all(answered(rebuild.rebuild(read, LAB), name) for name in NAMES)


def test_ids_that_colab_moves_are_found(notebook, tmp_path):
    for cell in notebook.cells:
        cell.metadata["id"] = cell.pop("id")
    read, repairs = notebook_file.read(written(tmp_path, json.dumps(notebook).encode()))
    assert repairs == []
    assert rebuild.rebuild(read, LAB).repairs == ()


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


def test_invalid_parts_do_no_harm(notebook, tmp_path):
    notebook.metadata = [1]
    document = json.loads(json.dumps(notebook))
    for number, cell in enumerate(document["cells"]):
        cell["metadata"] = [None, {"nbgrader": 3}, {"nbgrader": {"grade_id": [1]}}, "x"][number % 4]
        cell["outputs"] = "none"
    document["cells"] += [None, 3, {}, {"cell_type": ["code"], "source": {"a": 1}, "id": 4}]
    document["nbformat"] = "four"
    read, repairs = notebook_file.read(written(tmp_path, json.dumps(document).encode()))
    assert repairs == ["2 entries among the cells are no cells and were left out."]
    assert grades(read) == NAMES


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf  \n", "empty"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"# %%\nimport torch\n", "script"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "archive"),
        (b"[]", "no notebook"),
        (b"{}", "no cells"),
        (b'{"cells": {}}', "no cells"),
        (b'{"worksheets": 3}', "old format"),
        (b'{"cells": [{"source": "a', "breaks off"),
        (b'{"cells": [{"source": "a"', "breaks off"),
        (b'{"cells": [', "breaks off"),
        (b'{"cells": [}, 3, 4, 5, 6]}', "damaged"),
        (b'{"cells": [\n<<<<<<< HEAD\n]}', "merge"),
        (b'{"cells": ' + b"[" * 200_000, "deeply"),
        (b'{"cells": [' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"]}", ""),
        (b"1" * 5000, "script"),
    ],
)
def test_what_is_no_notebook_has_one_reason(tmp_path, data, words):
    read, reasons = notebook_file.read(written(tmp_path, data))
    if words:
        assert read is None
        assert len(reasons) == 1
        assert words in reasons[0]


def test_every_cut_of_a_notebook_is_told(notebook, tmp_path):
    data = json.dumps(notebook, indent=1).encode()
    for length in range(1, len(data) - 1, 997):
        read, reasons = notebook_file.read(written(tmp_path, data[:length]))
        assert read is None
        assert "breaks off" in reasons[0], length


def test_too_much_is_refused_and_never_read(tmp_path):
    path = tmp_path / "02_prompting.ipynb"
    with path.open("wb") as file:
        file.truncate(10**12)
    read, reasons = notebook_file.read(path)
    assert read is None
    assert "MB" in reasons[0]
    data = {"cells": [{"cell_type": "code", "source": "x = 1\n" * 400_000}]}
    assert "more text" in notebook_file.read(written(tmp_path, json.dumps(data).encode()))[1][0]
    assert notebook_file.read(tmp_path / "missing.ipynb")[0] is None


def test_a_lesson_cell_that_a_solution_takes_a_name_from_runs_too(tmp_path):
    lab = assignment.read(example_lab.write(tmp_path))
    lesson = [cell for cell in lab.notebook.cells if cell.cell_type == "code" and "predicted" in cell.source]
    lesson[0].source = "import math\nscale = math.pi\npredicted = scale * 2\n"
    solved = {each.cell_id: "" for each in lab.exercises}
    uses = "def mean(values):\n    return sum(values) / len(values) * (predicted / predicted)\n"
    assert rebuild.needed_lesson_cells(lab, ["def mean(values):\n    return len(values)\n"]) == []
    assert [cell_id for cell_id, _ in rebuild.needed_lesson_cells(lab, [*solved.values(), uses])] == [lesson[0].id]
    assert rebuild.needed_lesson_cells(lab, [uses, "predicted = 3"]) == []
