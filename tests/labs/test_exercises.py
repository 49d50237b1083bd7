"""The proof of every lab's exercises, and the proof that this proof can fail."""

import dataclasses

import nbformat
import pytest

from tests.support import example_lab, exercise_proof, labs, nbgrader_course

LABS = [pytest.param(path, id=path.stem) for path in labs.graded_paths()]
MEAN = 'def mean(values: list) -> float:\n    """Mean."""\n    {body}\n'


def score(lab, folder):
    """nbgrader's scores of the blank and of the solution, and the release they were derived from."""
    temporary = nbgrader_course.create(folder, lab)
    release = temporary.release()
    temporary.submit("blank", release)
    temporary.submit("solved", lab)
    return temporary.scores(), release


def score_faults(lab, scores):
    """One sentence per check on which nbgrader gave the blank a point or the solution not all."""
    for check in filter(labs.is_check, lab.cells):
        name, points = labs.grade_id(check), check.metadata.nbgrader.points
        for student, due in (("blank", 0), ("solved", points)):
            got = scores.get(student, {}).get(name)
            if got != (due, points):
                yield f"{student} must score {due} of {points} on {name}, but {got} came"


@pytest.mark.parametrize("path", LABS)
def test_exercises_are_proven(path, tmp_path):
    lab = labs.read(path)
    scores, release = score(lab, tmp_path)
    assert not list(score_faults(lab, scores))
    found = exercise_proof.mutants(lab)
    assert not list(exercise_proof.mutant_faults(lab, found))
    assert not exercise_proof.proof_faults(lab, release, found, tmp_path)


@pytest.mark.parametrize("path", LABS)
def test_every_folder_of_mutants_belongs_to_a_solution(path):
    solutions = {labs.grade_id(exercise.solution) for exercise in labs.exercises(labs.read(path))}
    assert {folder.name for folder in exercise_proof.MUTANTS.glob(f"{path.stem}/*/")} == solutions


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The example lab, its release, and the scores nbgrader gave, once for the module."""
    lab = labs.read(example_lab.write(tmp_path_factory.mktemp("example")))
    folder = tmp_path_factory.mktemp("course")
    scores, release = score(lab, folder)
    return lab, release, scores, nbgrader_course.Course(folder, lab.name)


@pytest.fixture
def example(graded, tmp_path):
    lab, release, *_ = graded
    return lab, release, exercise_proof.mutants(lab, example_lab.write_mutants(tmp_path / "mutants"))


def with_source(lab, beginning, change):
    """A copy of `lab` in which the source of one cell is changed."""
    notebook = nbformat.from_dict(lab.notebook)
    cell = next(cell for cell in notebook.cells if cell.source.startswith(beginning))
    cell.source = change(cell.source)
    return dataclasses.replace(lab, notebook=notebook)


def proof(lab, release, found, folder):
    return "; ".join(exercise_proof.proof_faults(lab, release, found, folder))


def test_the_example_is_proven(example, graded, tmp_path):
    lab, release, found = example
    assert not list(score_faults(lab, graded[2]))
    assert not list(exercise_proof.mutant_faults(lab, found))
    assert not proof(lab, release, found, tmp_path)


def test_the_release_holds_no_answer(graded):
    released = graded[1].path.read_text(encoding="utf-8")
    assert "YOUR CODE HERE" in released
    for secret in ("BEGIN SOLUTION", "sum(values) / len(values)", "HIDDEN TESTS", "the mean of 4 and 6"):
        assert secret not in released


def test_nbgrader_validates_the_solution_and_not_the_blank(graded):
    lab, release, _, temporary = graded
    assert "passes all the tests" in temporary.nbgrader("validate", lab.path)
    assert "VALIDATION FAILED ON 3 CELL(S)" in temporary.nbgrader("validate", release.path)


def test_everything_derived_lies_below_build(graded):
    kept = {path.name for path in graded[3].root.iterdir()}
    assert {"_build", "labs", "nbgrader_config.py"} <= kept
    assert not kept & {"release", "submitted", "autograded", "gradebook.db"}
    assert {"gradebook.db", "release", "autograded"} <= {path.name for path in (graded[3].root / "_build").iterdir()}


def test_a_wrong_score_is_a_fault(graded):
    lab, _, scores, _ = graded
    swapped = {"blank": scores["solved"], "solved": scores["blank"]}
    assert len(list(score_faults(lab, swapped))) == 6
    assert len(list(score_faults(lab, {}))) == 6


def test_a_check_that_writes_to_stderr_gives_no_points(tmp_path):
    lab = labs.read(example_lab.write(tmp_path / "source"))
    noisy = with_source(lab, '"""mean', lambda source: source + '\n__import__("sys").stderr.write("noise")')
    nbformat.write(noisy.notebook, lab.path)
    (tmp_path / "course").mkdir()
    scores, _ = score(noisy, tmp_path / "course")
    assert list(score_faults(noisy, scores)) == ["solved must score 2 of 2 on mean-check, but (0.0, 2.0) came"]


UNCAUGHT = {
    "right": ("mean-check", MEAN.format(body="return sum(values) / len(values)"), "passes mean-check"),
    "elsewhere": (
        "fitting-check",
        MEAN.format(body="return 0"),
        "passes fitting-check, which must catch it; it fails in mean-check",
    ),
    "name": ("mean-check", MEAN.format(body="return undefined"), "ends mean-check in NameError"),
    "silent": ("mean-check", MEAN.format(body="raise AssertionError"), "ends mean-check in AssertionError: ''"),
    "endless": ("mean-check", MEAN.format(body="while True: pass"), "ends mean-check in TooSlow"),
    "exit": ("mean-check", MEAN.format(body="raise SystemExit"), "ends mean-check in SystemExit"),
    "undefined": ("mean-check", "raise ValueError('no')", "fails outside the checks, in mean: ValueError no"),
}


def test_a_mutant_not_caught_as_promised_is_a_fault(example, tmp_path):
    lab, release, _ = example
    wrong = [exercise_proof.Mutant("mean", name, "A mistake.", *given[:2]) for name, given in UNCAUGHT.items()]
    found = proof(lab, release, tuple(wrong), tmp_path)
    for name, (_, _, fault) in UNCAUGHT.items():
        assert f"mean/{name} {fault}" in found


def test_a_blank_that_passes_is_a_fault(example, tmp_path):
    lab, release, _ = example
    free = with_source(release, '"""mean', lambda _: '"""mean."""')
    assert "the blank passes the visible part of mean-check" in proof(lab, free, (), tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("/ len", "// len", "the solution fails in mean-check: AssertionError"),
        ("    1.5", "    1.25", "the solution fails in the docstring of mean: AssertionError"),
        ("return sum", "assert lesson_ran\n    return sum", "the solution fails in mean-check: NameError"),
    ],
    ids=["wrong", "wrong example", "needs the lesson"],
)
def test_a_solution_that_fails_is_a_fault(example, tmp_path, old, new, fault):
    lab, release, _ = example
    broken = with_source(lab, "def mean", lambda source: source.replace(old, new))
    assert fault in proof(broken, release, (), tmp_path)


def test_too_few_mutants_are_a_fault(example):
    lab, _, found = example
    assert list(exercise_proof.mutant_faults(lab, found[:-1])) == [
        "mean-check needs 3 mutants that it must catch, but 2 name it"
    ]


def test_a_promise_about_another_exercise_is_a_fault(example):
    lab, _, found = example
    strayed = dataclasses.replace(found[0], caught_by="mean-check")
    assert "which is no check of that exercise" in next(exercise_proof.mutant_faults(lab, (*found, strayed)))


@pytest.mark.parametrize("docstring", ["Forgets the target.", "Caught by mean-check.", "Forgets it. Caught by."])
def test_a_mutant_says_its_mistake_and_its_check(tmp_path, docstring):
    path = tmp_path / "mutant.py"
    path.write_text(f'"""{docstring}"""\n', encoding="utf-8")
    with pytest.raises(ValueError, match="must open with"):
        exercise_proof.read_mutant(path)
