"""Natural dialogues: their format, their tellings, and the rows that are bundled."""

import json
import random
import re

import pytest

from runs import words
from runs.conventions import DESKS
from runs.natural import card, make, records, telling, tense
from runs.natural.records import Fault, Slot
from utils import bundled, data
from utils.data import SPLITS
from utils.data.conventions import CONVENTIONS, PLAIN, Convention
from utils.errors import CourseError

needs_wordnet = pytest.mark.skipif(
    not words.WORDNET.is_dir(), reason="WordNet is not installed: wordnet-base, tools/packages.txt"
)
EXAMPLE = re.search(r"```\n(== .*?)```", (records.WRITTEN / "README.md").read_text(encoding="utf-8"), re.S)[1]
WINDOW = records.parse("example", EXAMPLE)
FILLED = telling.Filling(
    spoken={"thing": "umbrella", "day1": "Monday", "time1": "ten to four", "price1": "18 dollars", "city1": "Linz"},
    short={"thing": "umbrella", "day1": "Mon", "time1": "3:50", "price1": "18 dollars", "city1": "Linz"},
    names={"A": "Anna", "B": "Ben"},
)
EVENT = (
    "{0} {1} the train to Linz with an umbrella and a ticket for the wrong day, and {2} {3} for a seat by the window"
)
REASON = "because all of them were taken at {0}, and {1} {2} a new ticket"


def told(**choices) -> str:
    return telling.summary(WINDOW, FILLED, Convention(**(vars(PLAIN) | choices)))


def test_the_example_of_the_readme_is_whole():
    assert list(records.check(WINDOW)) == []
    assert WINDOW.slots["thing"] == Slot("choice", ("suitcase", "cello", "folded pram"))
    assert WINDOW.slots["price1"] == Slot("price", span=(12, 40))
    assert telling.shows(WINDOW) == {"names", "label", "tense", "refusal", "time", "price"}


def test_a_dialogue_has_its_values_with_an_article_that_fits():
    lines = telling.dialogue(WINDOW, FILLED).split("\n")
    assert lines[3] == "#Person2#: Anna, is it? This ticket is for Monday."
    one = telling.substitute("A {thing} and a {other} {thing}. {other}? ok", {"thing": "hour", "other": "unit"})
    assert one == "An hour and a unit hour. Unit? ok"


def test_the_plain_summary():
    event = EVENT.format("#Person1#", "boards", "asks", "#Person2#")
    reason = REASON.format("ten to four", "#Person1#", "needs")
    assert told() == f"{event}, but #Person2# refuses {reason} for 18 dollars."


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        # Nobody says Ben's name.
        ({"names": "name"}, ("Anna", "boards", "asks", "#Person2#")),
        ({"names": "role"}, ("The passenger", "boards", "asks", "the conductor")),
        ({"tense": "past"}, ("#Person1#", "boarded", "asked", "#Person2#")),
    ],
)
def test_names_and_tense(choices, expected):
    assert told(**choices).startswith(EVENT.format(*expected))


def test_where_refusal_topic_time_and_price_stand():
    reason = REASON.format("3:50", "#Person1#", "needs")
    event = EVENT.format("#Person1#", "boards", "asks", "#Person2#")
    assert told(refusal="first", time="short", price="omitted") == f"No {reason}: {event}."
    last = told(refusal="last", label="after", time="short", price="omitted")
    assert last == f"{event}. Outcome: not possible {reason}. Topic: seat by the window."
    assert told(label="before").startswith("[seat by the window] #Person1# boards")
    assert told(agreement="first") == told()


@pytest.mark.parametrize(
    ("verb", "past"),
    [
        ("asks", "asked"), ("is", "was"), ("will", "would"), ("cannot", "could not"), ("tries", "tried"),
        ("puts", "put"), ("lies", "lay"), ("does", "did"), ("stops", "stopped"), ("leave", "left"),
    ],
)  # fmt: skip
def test_past_tense(verb, past):
    assert tense.is_present(verb)
    assert tense.past(verb) == past


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("outcome: no", "outcome: maybe", "the outcome should be one of yes, no, open, none, but 'maybe' came"),
        ("outcome: no", "outcome: none", "an ending should stand exactly where something is asked for"),
        ("day1: day\n", "", "slots should be declared, but day1 are not"),
        ("city1: city", "city1: city\nn1: number 2-9", "a declared slot should be said, but n1 are not"),
        ("{A}, is it?", "Ingrid, is it?", "a speaker's name should be a slot, but Ingrid stand in the text"),
        ("*boards", "*boarding", r"\*boarding should be a verb in the present tense"),
        ("*boards", "* boards", r"a \* should stand right before a verb"),
        ("[at {time1}]", "[at four]", "should hold one slot of a day, a time or a price"),
        ("[at {time1}]", "[at {time1}", "the brackets of the ending should come in pairs"),
        ("but {B} *refuses", "though {B} *refuses", "the ending should begin with and, but or so"),
        ("for a seat by the window\n", "for a seat by the window.\n", "the event should have no mark at its end"),
        ("the aisle, please", "the aisle — please", "quotes and dashes should be plain"),
        ("city1: city", "city1: town", "the slot city1 should be one of day, time"),
        ("price 12-40", "price 40-12", "the slot price1 should go from less to more"),
        ("A: Ingrid f,", "A: Ingrid,", "a speaker should be a name with f or m"),
        ("A: Sorry, is", "D: Sorry, is", "a turn should be A: text"),
        ("\n=\n", "\n", "parted by one line - and one line ="),
    ],
)
def test_what_a_record_breaks_is_said(old, new, sentence):
    assert old in EXAMPLE
    try:
        found = list(records.check(records.parse("broken", EXAMPLE.replace(old, new, 1))))
    except Fault as fault:
        found = [str(fault)]
    assert any(re.search(sentence, said) for said in found), found


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / "home_01.txt").write_text(EXAMPLE + "\n" + EXAMPLE.replace("*boards", "boarding *hard"))
    with pytest.raises(CourseError, match=r"should hold whole records, but home_01_02 \(== seat by the window\)"):
        records.read_split("train", tmp_path)


@needs_wordnet
@pytest.mark.parametrize("split", SPLITS)
def test_every_record_can_be_told_in_every_convention(split):
    rng = random.Random(split)
    for r in records.read_split(split):
        f = telling.fill(r, rng)
        text = telling.dialogue(r, f) + telling.summary(r, f, rng.choice(CONVENTIONS))
        assert not re.search(r"[{}*\[\]]", text.replace(f"[{r.topic}]", "")), r.name


@needs_wordnet
def test_a_telling_repeats_and_another_differs():
    r = records.read_split("train")[0]
    one, same, other = (telling.fill(r, random.Random(seed)) for seed in (1, 1, 2))
    assert one == same != other


def test_keys_of_the_test_fit_their_own_summary():
    for row in data_rows("test"):
        said = row["summary"].lower()
        assert len(row["keys"]) > 1, row["id"]
        assert all(any(key.lower() in said for key in group) for group in row["keys"]), row["id"]


def data_rows(split: str) -> list[dict]:
    paths = sorted(bundled.path("natural").glob(f"{split}_*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("split", SPLITS)
def test_the_bundled_rows_come_from_todays_records(split):
    assert data_rows(split) == make.rows(split)
    assert [row.id for row in data.dialogues("natural", split)] == [row["id"] for row in data_rows(split)]


def test_there_are_enough_and_no_two_are_alike():
    rows = {split: data_rows(split) for split in SPLITS}
    assert sum(map(len, rows.values())) >= 1200
    assert len(rows["test"]) >= 150
    every = [row for part in rows.values() for row in part]
    assert len({row["dialogue"] for row in every}) == len(every)
    known = {gram for split in ("train", "validation") for row in rows[split] for gram in card.grams(row)}
    assert [row["id"] for row in rows["test"] if card.grams(row) & known] == []


def test_the_card_says_what_the_files_hold():
    assert (bundled.FOLDER / "natural" / "README.md").read_text(encoding="utf-8") == card.card(bundled.FOLDER)


def test_any_two_choices_of_the_desks_are_balanced():
    assert len(set(DESKS)) == 36
    for one in vars(PLAIN):
        for other in vars(PLAIN):
            if one != other:
                pairs = [(getattr(desk, one), getattr(desk, other)) for desk in DESKS]
                assert {pairs.count(pair) for pair in pairs} == {36 // len(set(pairs))}, (one, other)
