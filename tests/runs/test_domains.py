"""The two corpora: what the recipe makes, splits that share nothing, parts that agree, the loader."""

import itertools
import random
import re

import pytest

from runs.dialogues.fillers import BY_SPLIT
from runs.domains import card, everyday, finance
from runs.domains.generate import FILES, KINDS, SEED
from utils import bundled
from utils.data import SPLITS, domains
from utils.errors import CourseError

FOLDER = bundled.FOLDER / "corpora"
PAIRS = list(itertools.combinations(SPLITS, 2))


@pytest.mark.parametrize(("name", "kind", "split"), list(itertools.product(KINDS, FILES, SPLITS)))
def test_bundled_files_are_what_the_recipe_makes(name, kind, split):
    assert card.rows(FOLDER, name, kind, split) == FILES[kind](name, split, SEED)
    assert (FOLDER / name / f"{kind}_{split}.jsonl").stat().st_size < 1_000_000


def test_the_card_says_what_is_counted():
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == card.card(FOLDER)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_splits_share_no_company_person_place_or_text(one, other):
    assert not set(finance.COMPANIES[one]) & set(finance.COMPANIES[other])
    for pool in ("names", "surnames", "cities", "venues"):
        assert not set(getattr(BY_SPLIT[one], pool)) & set(getattr(BY_SPLIT[other], pool))
    for name in KINDS:
        assert not set(domains.texts(name, one)) & set(domains.texts(name, other))


@pytest.mark.parametrize("name", list(KINDS))
def test_a_bundled_text_names_only_its_own_splits_companies_and_cities(name):
    foreign = {
        name for split in ("train", "validation") for name in (*finance.COMPANIES[split], *BY_SPLIT[split].cities)
    }
    for text in domains.texts(name, "test"):
        assert not foreign & set(re.findall(r"\w+", text)), text


@pytest.mark.parametrize(
    ("measure", "verb", "sentiment"),
    [
        ("revenue", "rose", "positive"),
        ("revenue", "fell", "negative"),
        ("impairment charges", "rose", "negative"),
        ("impairment charges", "fell", "positive"),
    ],
)
def test_measure_and_direction_decide_together(measure, verb, sentiment):
    found = {row.sentiment for row in domains.headlines("train") if re.search(rf"{measure} {verb}\b", row.text)}
    assert found <= {sentiment}
    drawn = [finance.draw(random.Random(seed), "train") for seed in range(20_000)]
    assert {e.sentiment for e in drawn if re.search(rf"{measure} {verb}\b", e.headline)} == {sentiment}


def test_raising_and_cutting_by_hand():
    drawn = [finance.draw(random.Random(seed), "test") for seed in range(20_000)]
    said = {"raises its dividend": "positive", "cuts its dividend": "negative", "cuts its debt load": "positive"}
    for words, sentiment in said.items():
        assert {e.sentiment for e in drawn if words in e.headline} == {sentiment}


def test_thing_and_quality_decide_together():
    drawn = [everyday.draw(random.Random(seed), "test") for seed in range(20_000)]
    for thing, quality, sentiment in (("soup", "cold", "negative"), ("lemonade", "cold", "positive")):
        assert {i.sentiment for i in drawn if thing in i.text and quality in i.text} == {sentiment}


@pytest.mark.parametrize(
    ("draw", "words"),
    [(finance.draw, ("rose", "fell", "raises", "cuts")), (everyday.draw, ("cold", "warm", "long", "short"))],
)
def test_no_word_of_quality_or_direction_tells_the_sentiment(draw, words):
    drawn = [vars(draw(random.Random(seed), "train")) for seed in range(5_000)]
    for word in words:
        told = [
            row["sentiment"] == "positive"
            for row in drawn
            if word in row.get("headline", row.get("text")).split() and row["sentiment"] != "neutral"
        ]
        assert len(told) > 50, word
        assert 0.15 < sum(told) / len(told) < 0.85, word


def test_figures_of_two_years_agree():
    pattern = r"was (\d+) million dollars, compared with (\d+) million dollars in (\d+), an? (\w+) of (\d+) percent"
    found = [m for text in domains.texts("finance", "test") for m in re.findall(pattern, text)]
    assert len(found) > 20
    for after, before, _, word, percent in found:
        change = int(before) * int(percent) / 100
        assert int(after) == int(before) + (change if word == "increase" else -change)


def test_hours_agree():
    pattern = r"began at (\d+) and stayed for (\d+) hours?, so it was (\d+) when"
    found = [m for text in domains.texts("general", "test") for m in re.findall(pattern, text)]
    assert len(found) > 20
    assert all(int(start) + int(hours) == int(end) for start, hours, end in found)


@pytest.mark.parametrize("name", domains.NAMES)
def test_items_are_balanced(name):
    feelings = [item.answer for item in domains.sentiment_items(name)]
    assert all(0.25 < feelings.count(answer) / len(feelings) < 0.42 for answer in range(3))
    kinds = [item.answer for item in domains.entity_items(name)]
    assert all(0.05 < kinds.count(answer) / len(kinds) < 0.16 for answer in range(10))


@pytest.mark.parametrize("name", domains.NAMES)
def test_the_kind_of_an_entity_is_asked_as_the_texts_say_it_and_not_given_away(name):
    tail, *kinds = domains.ENTITY_KINDS[name]
    assert sum(any(f"{tail} {kind}." in text for kind in kinds) for text in domains.texts(name)) > 500
    for item in domains.entity_items(name):
        assert item.prompt.endswith(tail)
        assert item.choices[item.answer].strip() not in item.prompt.removesuffix(tail).lower().split()


@pytest.mark.parametrize("name", domains.NAMES)
def test_the_reaction_in_the_texts_is_the_one_the_items_ask_for(name):
    tail, words = domains.REACTIONS[name]
    assert sum(any(tail + word + "." in text for word in words) for text in domains.texts(name)) > 1000
    assert not any(item.prompt.endswith(word) for item in domains.sentiment_items(name) for word in words)


def test_unknown_names_and_splits():
    with pytest.raises(CourseError, match="corpus must be one of general, finance, but 'law' came"):
        domains.texts("law")
    with pytest.raises(CourseError, match="split must be one of train, validation, test, but 'dev' came"):
        domains.headlines("dev")
