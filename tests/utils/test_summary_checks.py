"""What a summary gets right: one wrong part at a time, in every form of a house style."""

from dataclasses import asdict, replace

import pytest

from utils.data import Dialogue, Facts, Speaker
from utils.data.conventions import PLAIN, chance_of_form, read, touched
from utils.errors import CourseError
from utils.summary_checks import kept, right, same_speakers, tense_of, unknown_words, words_of

ANNA, BEN = Speaker("#Person1#", "Anna", "the guest"), Speaker("#Person2#", "Ben", "the waiter")
NO = Facts(ANNA, BEN, "bring the stew", ("on Friday at ten to four", "on Fri at 3:50"), "$12.50", "no", "a burst pipe")
YES = Facts(ANNA, BEN, "bring the stew", ("", ""), "", "yes", "")
RIGHT = (
    "#Person1# asks #Person2# to bring the stew on Friday at ten to four for $12.50, "
    "but #Person2# refuses because of a burst pipe."
)


def wrong_parts(summary: str, facts: Facts = NO, convention=PLAIN) -> set[str]:
    return {part for part, fine in asdict(right(summary, facts, convention)).items() if fine is False}


def test_a_right_summary_has_no_wrong_part():
    assert wrong_parts(RIGHT) == set()
    assert asdict(right("#Person1# asks #Person2# to bring the stew, and #Person2# agrees.", YES, PLAIN)) == {
        "names": True, "deed": True, "time": None, "price": None, "outcome": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("#Person1# asks #Person2#", "#Person2# asks #Person1#", {"names"}),
        ("the stew", "the stews", {"deed"}),
        ("bring the stew", "take the stew", {"deed"}),
        ("Friday", "Monday", {"time"}),
        ("ten to four", "ten to five", {"time"}),
        ("$12.50", "$12.55", {"price"}),
        ("$12.50", "$12.5", {"price"}),
        (" for $12.50", "", {"price"}),
        ("refuses because of a burst pipe", "agrees", {"outcome"}),
        ("but #Person2# refuses", "and #Person2# agrees", {"outcome"}),
        ("a burst pipe", "a full house", {"outcome"}),
        ("#Person1# asks", "No: #Person1# asks", {"outcome"}),
    ],
)
def test_each_wrong_part_is_found_alone(old, new, parts):
    assert old in RIGHT
    assert wrong_parts(RIGHT.replace(old, new)) == parts


@pytest.mark.parametrize(
    ("convention", "summary"),
    [
        ("name-before-past-first-first-short-omitted",
         "[dinner] No because of a burst pipe: Anna asked Ben to bring the stew on Fri at 3:50."),
        ("role-after-present-clause-last-spoken-told",
         "The guest asks the waiter to bring the stew on Friday at ten to four for $12.50. "
         "Outcome: not possible because of a burst pipe. Topic: dinner."),
    ],
)  # fmt: skip
def test_forms_of_a_house_style(convention, summary):
    assert wrong_parts(summary, convention=read(convention)) == set()
    for other in ("tag-none-present-clause-clause-short-told", "name-none-present-last-clause-spoken-omitted"):
        assert wrong_parts(summary, convention=read(other)) >= {"names", "outcome"}


def test_where_a_price_is_left_out_a_wrong_one_is_wrong_too():
    left_out = replace(PLAIN, price="omitted")
    assert wrong_parts(RIGHT.replace(" for $12.50", ""), convention=left_out) == set()
    assert wrong_parts(RIGHT, convention=left_out) == {"price"}
    assert wrong_parts(RIGHT.replace("$12.50", "$99"), convention=left_out) == {"price"}


ROW = Dialogue(
    "r", "#Person1#: Hi, Ben.", "", "dinner", str(PLAIN),
    shows=tuple(sorted(touched("no", timed=True, priced=True))),
    speakers=(replace(ANNA, name=""), BEN),
)  # fmt: skip


@pytest.mark.parametrize(
    ("convention", "summary", "lost"),
    [
        (str(PLAIN), RIGHT, set()),
        ("name-none-present-clause-clause-spoken-told", RIGHT, {"names"}),
        # Nobody says Anna's name, so the tag is right.
        ("name-none-present-clause-clause-spoken-told", RIGHT.replace("#Person2#", "Ben"), set()),
        ("role-none-present-clause-clause-spoken-told", RIGHT.replace("#Person2#", "the waiter"), {"names"}),
        ("tag-before-present-clause-clause-spoken-told", RIGHT, {"label"}),
        ("tag-before-present-clause-clause-spoken-told", f"[food] {RIGHT}", set()),
        ("tag-after-present-clause-clause-spoken-told", f"{RIGHT} Topic: food.", set()),
        ("tag-none-past-clause-clause-spoken-told", RIGHT, {"tense"}),
        ("tag-none-present-clause-first-spoken-told", RIGHT, {"refusal"}),
        ("tag-none-present-clause-last-short-omitted", RIGHT, {"refusal", "time", "price"}),
    ],
)
def test_what_is_kept_of_a_house_style(convention, summary, lost):
    found = kept(summary, ROW, read(convention))
    assert set(found) == set(ROW.shows)
    assert {choice for choice, fine in found.items() if not fine} == lost


def test_words_out_of_nowhere():
    known = words_of([Dialogue("a", "Anna's cat sat.", "It's well-fed.", "cats")])
    assert known == {"anna's", "cat", "sat", "it's", "well-fed"}
    assert unknown_words("The cat sat on Toorten's mat at 7:05.", "On the mat!", known) == ["toorten's", "at"]


def test_the_chance_of_the_right_form():
    every = {"names", "label", "tense", "refusal", "time", "price"}
    assert chance_of_form(every, []) == pytest.approx(1 / (3 * 3 * 2 * 3 * 2 * 2))
    assert chance_of_form(every, [{"names", "label", "tense"}, {"refusal", "time"}]) == 0.5
    assert chance_of_form({"names"}, [every]) == 1


def test_a_convention_that_is_none():
    assert str(read(str(PLAIN))) == "tag-none-present-clause-clause-spoken-told"
    for text in ("", "tag-none-present-clause", "tag-none-present-clause-clause-spoken-never"):
        with pytest.raises(CourseError, match="A convention should be names-label-tense-agreement"):
            read(text)


@pytest.mark.parametrize(
    ("summary", "tense"),
    [
        (RIGHT, "present"),
        ("#Person1# told Ben that it has rained.", "past"),
        ("The guest has paid, and the waiter thanks her.", "present"),
        ("Ben was asked in.", "past"),
        ("It rains.", ""),
    ],
)
def test_the_tense_is_that_of_the_speakers_verbs(summary, tense):
    assert tense_of(summary, replace(ROW, speakers=(ANNA, BEN))) == tense


def test_the_same_speakers():
    row = replace(ROW, summary="#Person1# asks Ben for salt.")
    assert same_speakers("Ben is asked for salt by #Person1#.", row)
    assert same_speakers("The guest asks the waiter for salt.", row)
    assert not same_speakers("#Person1# asks for salt.", row)
    assert not same_speakers("#Person1# asks Ben and #Person3#.", row)
