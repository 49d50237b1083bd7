"""Copies are found, and the common way to solve an exercise is none."""

from grader.class_report import similarity
from grader.judging.fingerprint import fingerprint
from tests.support import class_rows


def fingerprints(*texts):
    return {f"s{at:02}": {"mean": fingerprint(text)} for at, text in enumerate(texts)}


def test_a_copied_solution_is_found_and_the_common_one_is_not():
    common = [class_rows.BUILT_IN.format(0)] * 8
    found = similarity.groups(
        fingerprints(*common, class_rows.LOOP.format(0), class_rows.RENAMED, class_rows.WHILE.format(0))
    )
    assert found == [similarity.Group(("mean",), ("s08", "s09"), 1.0)]


def test_copies_in_several_exercises_come_first_and_as_one():
    loop, other, third = (fingerprint(text.format(0)) for text in class_rows.SOLUTIONS)
    forms = {"a": {"x": loop, "y": other}, "b": {"x": loop, "y": other}, "c": {"y": third}, "d": {"y": third}}
    found = [(group.exercises, group.students) for group in similarity.groups(forms)]
    assert found == [(("x", "y"), ("a", "b")), (("y",), ("c", "d"))]


def test_variants_of_the_common_way_are_common_too():
    variants = [class_rows.LOOP.format(at) for at in range(8)]
    assert similarity.groups(fingerprints(*variants)) == []


def test_a_few_students_are_no_common_form():
    assert [len(similarity.groups(fingerprints(*[class_rows.RENAMED] * count))) for count in (1, 2, 3)] == [0, 1, 1]
    assert similarity.groups(fingerprints(*[class_rows.RENAMED] * 4)) == []
    assert similarity.groups(fingerprints(class_rows.RENAMED, "")) == []
    assert similarity.groups({}) == []
