"""The generator of dialogues and reviews: schema, conventions, splits that share no filler, and the bundled files."""

import itertools
import json
import random
from collections import Counter
from dataclasses import fields

import pytest

from runs import make_dialogues, reviews
from runs.conventions import CONVENTIONS, Convention, summarize
from runs.fillers import BY_SPLIT, SPLITS, invented_word
from runs.frames import Frame, Person, draw_frame
from runs.topics import TOPICS
from utils import data, runtime

SEED = 20261120
BECAUSE = " because of a closed kitchen"
PAIRS = list(itertools.combinations(SPLITS, 2))


def frame(refused: bool) -> Frame:
    """Anna (#Person2#, a guest) asks Ben (#Person1#, a waiter) for the lamb stew on Friday for 12 dollars."""
    restaurant = next(topic for topic in TOPICS if topic.name == "restaurant")
    refusal = next(r for r in restaurant.refusals if r.named == "a closed kitchen") if refused else None
    anna, ben = Person("#Person2#", "Anna", "the guest"), Person("#Person1#", "Ben", "the waiter")
    deed = "bring the lamb stew"
    return Frame(restaurant, anna, ben, "Welcome.", deed, "The lamb stew?", "on Friday", "12 dollars", refusal)


@pytest.mark.parametrize(
    ("convention", "refused", "by_hand"),
    [
        (("tag", "none", "present", "clause"), False, "#Person2# asks #Person1# to {}, and #Person1# agrees."),
        (("name", "before", "past", "clause"), True, f"[restaurant] Anna asked Ben to {{}}, but Ben refused{BECAUSE}."),
        (("role", "after", "present", "first"), False, "Yes: the guest asks the waiter to {}. Topic: restaurant."),
        (("name", "none", "past", "last"), True, f"Anna asked Ben to {{}}. Outcome: not possible{BECAUSE}."),
    ],
)  # fmt: skip
def test_summary_by_hand(convention, refused, by_hand):
    deed = "bring the lamb stew on Friday for 12 dollars"
    assert summarize(frame(refused), Convention(*convention)) == by_hand.format(deed)


@pytest.mark.parametrize("refused", [False, True])
def test_every_summary_shows_its_convention(refused):
    assert len(CONVENTIONS) == 54
    assert len({summarize(frame(refused), convention) for convention in CONVENTIONS}) == len(CONVENTIONS)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_splits_share_no_filler(one, other):
    for field in fields(BY_SPLIT[one]):
        shared = set(getattr(BY_SPLIT[one], field.name)) & set(getattr(BY_SPLIT[other], field.name))
        assert not shared, f"{field.name} of {one} and {other} share {shared}"
    for topic in TOPICS:
        shared = set(topic.items[SPLITS.index(one)]) & set(topic.items[SPLITS.index(other)])
        assert not shared, f"items of {topic.name} in {one} and {other} share {shared}"
    for name, pool in (("things", reviews.THINGS), ("praise", reviews.PRAISE), ("blame", reviews.BLAME)):
        assert not set(pool[one]) & set(pool[other]), f"{name} of {one} and {other} overlap"


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_splits_share_no_dialogue(one, other):
    texts = [{d.dialogue for d in data.dialogues("course", split)} for split in (one, other)]
    assert not texts[0] & texts[1]


@pytest.mark.parametrize("split", SPLITS)
def test_bundled_files_are_what_the_recipe_makes(split):
    for folder, made in (
        ("dialogues", make_dialogues.rows(split, make_dialogues.ROWS[split], SEED)),
        ("reviews", reviews.rows(split, SEED)),
    ):
        lines = (runtime.assets_dir() / folder / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line) for line in lines] == made


@pytest.mark.parametrize("split", SPLITS)
def test_bundled_dialogues_cover_topics_conventions_and_outcomes(split):
    rows = data.dialogues("course", split)
    assert len({row.topic for row in rows}) == len(TOPICS) >= 12
    counts = Counter(row.convention for row in rows)
    assert set(counts) == set(map(str, CONVENTIONS))
    assert max(counts.values()) - min(counts.values()) <= 1
    refused = sum("because of" in row.summary for row in rows)
    assert 0.2 < refused / len(rows) < 0.6


def test_test_split_has_enough_examples_of_every_convention():
    counts = Counter(row.convention for row in data.dialogues("course", "train"))
    assert min(counts.values()) >= 7


def test_dialogues_name_both_speakers_and_take_turns():
    for dialogue, f in itertools.islice(make_dialogues.stream("train", 1), 300):
        turns = dialogue.split("\n")
        assert [turn.split(":")[0] for turn in turns] == [f"#Person{1 + i % 2}#" for i in range(len(turns))]
        assert f.asker.name in dialogue
        assert f.helper.name in dialogue
        assert 4 <= len(turns) <= 14


def test_a_corrected_day_stays_out_of_the_summary():
    corrected = [
        (text, f) for text, f in itertools.islice(make_dialogues.stream("train", 2), 400) if "No, sorry, on" in text
    ]
    assert len(corrected) > 20
    for text, f in corrected:
        wrong = text.split(". No, sorry, on")[0].split()[-1]
        assert wrong not in summarize(f, CONVENTIONS[0])


def test_the_same_seed_draws_the_same_frames_and_another_does_not():
    one, same, other = (draw_frame(random.Random(seed), "test") for seed in (5, 5, 6))
    assert one == same != other


def test_invented_words_differ_and_are_capitalised():
    rng = random.Random(0)
    words = {invented_word(rng) for _ in range(200)}
    assert len(words) > 150
    assert all(word.istitle() for word in words)


def test_reviews_are_balanced_and_unique():
    for split in SPLITS:
        rows = data.reviews(split)
        assert len({row.text for row in rows}) == len(rows)
        assert 0.35 < sum(row.sentiment == "positive" for row in rows) / len(rows) < 0.65
