"""The proof of every lab's exercises, and the proof that this proof can fail."""

import dataclasses

import nbformat
import pytest

from grader import assignment
from grader.records import Limits
from tests.support import example_lab, exercise_proof, labs, nbgrader_course

LABS = [pytest.param(path, id=path.stem) for path in assignment.graded_paths()]
# A lab whose setup loads the course's model and data: what nbgrader must cope with.
SCORED_LAB = "02_prompting"
MEAN = 'def mean(values: list) -> float:\n    """Mean."""\n    {body}\n'


@pytest.mark.proof
@pytest.mark.parametrize("path", LABS)
def test_exercises_are_proven(path):
    lab = assignment.read(path)
    found = exercise_proof.mutants(lab)
    assert not list(exercise_proof.mutant_faults(lab, found))
    with exercise_proof.judge(lab) as judge:
        assert not exercise_proof.proof_faults(judge, found)


@pytest.mark.parametrize("path", LABS)
def test_every_folder_of_mutants_belongs_to_a_solution(path):
    solutions = {exercise.name for exercise in assignment.read(path).exercises}
    assert {folder.name for folder in exercise_proof.MUTANTS.glob(f"{path.stem}/*/")} == solutions


@pytest.mark.parametrize("path", LABS)
def test_every_hidden_check_has_a_hint(path):
    checks = [check for exercise in assignment.read(path).exercises for check in exercise.checks]
    assert not [fault for check in checks for fault in exercise_proof.without_hint(check.source)]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('assert f(3) == 4, "f adds 1"', "belongs in the place"),
        ('raise AssertionError("f adds 1") from None', "belongs in the place"),
        ('checks.equal(f(3), 4, "f of 3")', "a hint is missing"),
        ('checks.close(f(3), 4, "f of 3", 1e-6)', "a hint is missing"),
        ('checks.raises(ValueError, f, -1, what="f of -1")', "a hint is missing"),
        ('raise checks.Failed("f adds 1")', "a hint is missing"),
        ('checks.equal(f(3), 4, "f of 3", "Add 1.")', ""),
        ('checks.close(f(3), 4, "f of 3", hint="Add 1.")', ""),
        ('checks.refuses(f, {"a number below 0": (-1,)})', ""),
    ],
)
def test_a_hidden_check_without_a_hint_is_found(line, fault):
    found = list(exercise_proof.without_hint(f"assert f(1) == 2\n### BEGIN HIDDEN TESTS\n{line}\n### END HIDDEN TESTS"))
    assert len(found) == bool(fault)
    assert all(fault in each for each in found)


@pytest.mark.slow
def test_what_nbgrader_releases_is_what_was_proven(tmp_path):
    """Blanks and visible checks are proven as `grader.assignment` cuts them; nbgrader must cut the same."""
    solved = [labs.read(path) for path in assignment.graded_paths()]
    releases = nbgrader_course.release_all(tmp_path, solved)
    assert sorted(releases) == assignment.graded_names()
    for lab in solved:
        expected = exercise_proof.blank(assignment.read(lab.path))
        for cell in filter(assignment.is_check, lab.cells):
            expected[cell.id] = assignment.without_hidden(cell.source)
        expected = {cell.id: expected.get(cell.id, cell.source).strip() for cell in lab.cells}
        assert {cell.id: cell.source.strip() for cell in releases[lab.name].cells} == expected


def score(lab, folder):
    """nbgrader's scores of the blank and of the solution, and the release they were derived from."""
    temporary = nbgrader_course.create(folder, lab)
    release = temporary.release()
    temporary.submit("blank", release)
    temporary.submit("solved", lab)
    return temporary.scores(), release


def score_faults(lab, scores):
    """One sentence per check on which nbgrader gave the blank a point or the solution not all."""
    for check in filter(assignment.is_check, lab.cells):
        name, points = assignment.grade_id(check), check.metadata.nbgrader.points
        for student, due in (("blank", 0), ("solved", points)):
            got = scores.get(student, {}).get(name)
            if got != (due, points):
                yield f"{student} must score {due} of {points} on {name}, but {got} came"


@pytest.mark.slow
def test_nbgrader_scores_a_lab_as_the_judge_does(tmp_path):
    lab = labs.read(labs.ROOT / "labs" / SCORED_LAB / f"{SCORED_LAB}.ipynb")
    assert not list(score_faults(lab, score(lab, tmp_path)[0]))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The example lab, its release, and the scores nbgrader gave, once for the module."""
    lab = labs.read(example_lab.write(tmp_path_factory.mktemp("example")))
    folder = tmp_path_factory.mktemp("course")
    scores, release = score(lab, folder)
    return lab, release, scores, nbgrader_course.Course(folder, lab.name)


@pytest.mark.slow
def test_nbgrader_scores_the_example(graded):
    assert not list(score_faults(graded[0], graded[2]))


@pytest.mark.slow
def test_the_release_holds_no_answer(graded):
    released = graded[1].path.read_text(encoding="utf-8")
    assert "YOUR CODE HERE" in released
    for secret in ("BEGIN SOLUTION", "sum(values) / len(values)", "HIDDEN TESTS", "the mean of 4 and 6"):
        assert secret not in released


@pytest.mark.slow
def test_nbgrader_validates_the_solution_and_not_the_blank(graded):
    lab, release, _, temporary = graded
    assert "passes all the tests" in temporary.nbgrader("validate", lab.path)
    assert "VALIDATION FAILED ON 3 CELL(S)" in temporary.nbgrader("validate", release.path)


@pytest.mark.slow
def test_everything_derived_lies_below_build(graded):
    kept = {path.name for path in graded[3].root.iterdir()}
    assert {"_build", "labs", "nbgrader_config.py"} <= kept
    assert not kept & {"release", "submitted", "autograded", "gradebook.db"}
    assert {"gradebook.db", "release", "autograded"} <= {path.name for path in (graded[3].root / "_build").iterdir()}


@pytest.mark.slow
def test_a_wrong_score_is_a_fault(graded):
    lab, _, scores, _ = graded
    swapped = {"blank": scores["solved"], "solved": scores["blank"]}
    assert len(list(score_faults(lab, swapped))) == 6
    assert len(list(score_faults(lab, {}))) == 6


def with_source(notebook, beginning, change):
    """A copy of `notebook` in which the source of one cell is changed."""
    copy = nbformat.from_dict(notebook)
    cell = next(cell for cell in copy.cells if cell.source.startswith(beginning))
    cell.source = change(cell.source)
    return copy


@pytest.mark.slow
def test_a_check_that_writes_to_stderr_gives_no_points(tmp_path):
    lab = labs.read(example_lab.write(tmp_path / "source"))
    write = '\n__import__("sys").stderr.write("noise")'
    noisy = dataclasses.replace(lab, notebook=with_source(lab.notebook, '"""mean', lambda source: source + write))
    nbformat.write(noisy.notebook, lab.path)
    (tmp_path / "course").mkdir()
    scores, _ = score(noisy, tmp_path / "course")
    assert list(score_faults(noisy, scores)) == ["solved must score 2 of 2 on mean-check, but (0.0, 2.0) came"]


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The example lab, its mutants, and a judge of it."""
    lab = assignment.read(example_lab.write(tmp_path_factory.mktemp("example")))
    found = exercise_proof.mutants(lab, example_lab.write_mutants(tmp_path_factory.mktemp("mutants")))
    with exercise_proof.judge(lab, Limits(exercise_s=1)) as judge:
        yield lab, found, judge


def test_the_example_is_proven(example):
    lab, found, judge = example
    assert not list(exercise_proof.mutant_faults(lab, found))
    assert not exercise_proof.proof_faults(judge, found)


UNCAUGHT = {
    "right": ("mean-check", MEAN.format(body="return sum(values) / len(values)"), "passes mean-check"),
    "promise": (
        "other-check",
        MEAN.format(body="return 0"),
        "passes other-check, which must catch it; it fails in mean-check",
    ),
    "name": ("mean-check", MEAN.format(body="return undefined"), "ends mean-check in NameError"),
    "silent": ("mean-check", MEAN.format(body="raise AssertionError"), "ends mean-check in AssertionError: ''"),
    "endless": ("mean-check", MEAN.format(body="while True: pass"), "ends mean-check in Stopped: 'It did not end"),
    "exit": ("mean-check", MEAN.format(body="raise SystemExit"), "not in an assert with a sentence"),
    "undefined": ("mean-check", "raise ValueError('no')", "ends mean-check in NameError"),
}


def test_a_mutant_not_caught_as_promised_is_a_fault(example):
    _, _, judge = example
    wrong = [exercise_proof.Mutant("mean", name, "A mistake.", *given[:2]) for name, given in UNCAUGHT.items()]
    found = "; ".join(exercise_proof.proof_faults(judge, tuple(wrong)))
    for name, (_, _, fault) in UNCAUGHT.items():
        assert f"mean/{name} {fault}" in found or (name == "exit" and fault in found)


def variant(lab, folder, beginning, change):
    """The example's assignment with one cell changed."""
    path = folder / f"{lab.name}.ipynb"
    nbformat.write(with_source(lab.notebook, beginning, change), path)
    return assignment.read(path)


def test_a_blank_that_passes_is_a_fault(example, tmp_path):
    lab, _, _ = example
    hidden = '\n### BEGIN HIDDEN TESTS\nassert mean([1, 2]) == 1.5, "the mean of 1 and 2"\n### END HIDDEN TESTS'
    free = variant(lab, tmp_path, '"""mean', lambda _: f'"""mean."""{hidden}')
    with exercise_proof.judge(free) as judge:
        assert exercise_proof.proof_faults(judge, ()) == ["the blank passes the visible part of mean-check"]


def test_a_mutant_that_costs_points_elsewhere_is_a_fault(example, tmp_path):
    lab, found, _ = example
    both = 'assert longest(["a", "bb"]) == "bb" and mean([1, 3]) == 2, "both exercises at once"'
    tied = variant(lab, tmp_path, '"""longest', lambda source: f"{source}\n{both}")
    (mutant,) = [each for each in found if (each.exercise, each.name) == ("mean", "sum")]
    with exercise_proof.judge(tied) as judge:
        assert exercise_proof.proof_faults(judge, (mutant,)) == [
            "mean/sum costs points on longest-check, which is no check of mean"
        ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("/ len", "// len", "the solution fails in mean-check: AssertionError"),
        ("    1.5", "    1.25", "the solution fails in the docstring of mean: AssertionError"),
        ("return sum", "assert lesson_ran\n    return sum", "the solution fails in mean-check: NameError"),
    ],
    ids=["wrong", "wrong example", "needs the lesson"],
)
def test_a_solution_that_fails_is_a_fault(example, monkeypatch, tmp_path, old, new, fault):
    lab, _, judge = example
    # The checks are the same, so the judge's sandboxes serve this one too.
    monkeypatch.setattr(
        judge, "assignment", variant(lab, tmp_path, "def mean", lambda source: source.replace(old, new))
    )
    assert fault in "; ".join(exercise_proof.proof_faults(judge, ()))


def test_too_few_mutants_are_a_fault(example):
    lab, found, _ = example
    assert list(exercise_proof.mutant_faults(lab, found[:-1])) == [
        "mean-check needs 3 mutants that it must catch, but 2 name it"
    ]


def test_a_promise_about_another_exercise_is_a_fault(example):
    lab, found, _ = example
    strayed = dataclasses.replace(found[0], caught_by="mean-check")
    assert "which is no check of that exercise" in next(exercise_proof.mutant_faults(lab, (*found, strayed)))


@pytest.mark.parametrize("docstring", ["Forgets the target.", "Caught by mean-check.", "Forgets it. Caught by."])
def test_a_mutant_says_its_mistake_and_its_check(tmp_path, docstring):
    path = tmp_path / "mutant.py"
    path.write_text(f'"""{docstring}"""\n', encoding="utf-8")
    with pytest.raises(ValueError, match="must open with"):
        exercise_proof.read_mutant(path)
