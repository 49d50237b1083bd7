"""The generator of dialogues, reviews and commands: what it tells, splits that share nothing, the bundled files."""

import ast
import itertools
import json
import random
import re
from collections import Counter
from dataclasses import fields, replace
from functools import cache

import pytest

from runs.course_model import command_language
from runs.dialogues import card, generate, make, patterns, reviews
from runs.dialogues.conventions import CONVENTIONS, Convention, summarize
from runs.dialogues.events import MADE_UP_PARTS, Frame, Person, draw_frame, made_up_topic
from runs.dialogues.fillers import BY_SPLIT, DAYS, NUMBERS, WORKSHOP, invented_word
from runs.dialogues.generate import SEED
from runs.dialogues.topics import TOPICS
from utils import bundled, data
from utils.data import SPLITS

BECAUSE = " because of a closed kitchen"
PAIRS = list(itertools.combinations(SPLITS, 2))
SEEN = [topic for topic in TOPICS if topic.seen]
UNSEEN = [topic for topic in TOPICS if not topic.seen]


def frame(refused: bool) -> Frame:
    """Anna (#Person2#, a guest) asks Ben (#Person1#, a waiter) for the lamb stew on Friday for 12 dollars."""
    restaurant = next(topic for topic in TOPICS if topic.name == "restaurant")
    return Frame(
        topic=restaurant,
        asker=Person("#Person2#", "Anna", "the guest"),
        helper=Person("#Person1#", "Ben", "the waiter"),
        welcome="Welcome.",
        verb="bring",
        thing="the lamb stew",
        rest="",
        wrong="the apple cake",
        asked="The lamb stew?",
        when="on Friday",
        when_short="on Fri",
        amount=12,
        price_form="{0} dollars",
        refusal=next(r for r in restaurant.refusals if r.named == "a closed kitchen") if refused else None,
        people=("Anna", "Ben"),
        places=(),
    )


@cache
def told(split: str) -> list[tuple[str, str, Frame]]:
    """(pattern, dialogue, frame): 1,200 frames, each told in every pattern that suits it."""
    rng = random.Random(f"told {split}")
    drawn = [draw_frame(rng, split, made_up=0.3, unseen=0.2) for _ in range(1200)]
    return [(pattern, patterns.tell(rng, f, pattern), f) for f in drawn for pattern in patterns.suitable(f)]


def told_with(*beats) -> list[tuple[str, Frame]]:
    """The test split's dialogues in a pattern with one of these beats."""
    return [(dialogue, f) for pattern, dialogue, f in told("test") if set(beats) & set(patterns.PATTERNS[pattern])]


def blanks(f: Frame) -> list[str]:
    """What fills the blanks of the frame's deed."""
    said = (f.verb, f.thing, f.rest)
    for request in f.topic.requests:
        forms = (re.sub(r"\\{\w+\\}", "(.+)", re.escape(part)) for part in (request.verb, request.thing, request.rest))
        found = [re.fullmatch(form, part) for form, part in zip(forms, said, strict=True)]
        if all(found):
            return [value for match in found for value in match.groups()]
    raise AssertionError(f"{f.deed} is no request of {f.topic.name}")


def words(*texts: str) -> set[str]:
    return {word for text in texts for word in re.findall(r"[a-z]+", text.lower())}


@cache
def vocabulary(split: str) -> set[str]:
    return words(*(dialogue for _, dialogue, _ in told(split)))


def own_words(topic) -> set[str]:
    """The words of a topic's name, roles and things."""
    return words(topic.name, topic.asker, topic.helper, *itertools.chain(*topic.items)) - {"the"}


@pytest.mark.parametrize(
    ("convention", "refused", "by_hand"),
    [
        (("tag", "none", "present", "clause"), False, "#Person2# asks #Person1# to {}, and #Person1# agrees."),
        (("name", "before", "past", "clause"), True, f"[restaurant] Anna asked Ben to {{}}, but Ben refused{BECAUSE}."),
        (("role", "after", "present", "first"), False, "Yes: the guest asks the waiter to {}. Topic: restaurant."),
        (("tag", "none", "past", "first"), True, f"No{BECAUSE}: #Person2# asked #Person1# to {{}}."),
        (("role", "none", "present", "last"), False, "The guest asks the waiter to {}. Outcome: settled."),
        (("name", "none", "past", "last"), True, f"Anna asked Ben to {{}}. Outcome: not possible{BECAUSE}."),
    ],
)  # fmt: skip
def test_summary_by_hand(convention, refused, by_hand):
    deed = "bring the lamb stew on Friday for 12 dollars"
    assert summarize(frame(refused), Convention(*convention)) == by_hand.format(deed)


def test_a_deed_with_a_rest_a_pronoun_and_nothing_else_to_say():
    f = replace(frame(False), verb="put", thing="the old boots", rest="aside", when="", amount=0)
    assert summarize(f, CONVENTIONS[0]) == "#Person2# asks #Person1# to put the old boots aside, and #Person1# agrees."
    assert f.deed_with(f.pronoun) == "put them aside"


@pytest.mark.parametrize(
    ("thing", "pronoun"),
    [("Anna", "them"), ("the report on sales", "it"), ("the tulips", "them"), ("the pair of boots", "it")],
)
def test_pronoun_by_hand(thing, pronoun):
    assert replace(frame(False), thing=thing).pronoun == pronoun


@pytest.mark.parametrize("refused", [False, True])
def test_every_summary_shows_its_convention(refused):
    assert len(CONVENTIONS) == 54
    assert len({summarize(frame(refused), convention) for convention in CONVENTIONS}) == len(CONVENTIONS)


def test_there_are_enough_topics_and_patterns_and_every_topic_follows_every_pattern():
    assert len(SEEN) >= 24
    assert len(UNSEEN) == 4
    assert len(patterns.PATTERNS) >= 12
    possible = {
        (topic.name, pattern)
        for topic, (pattern, beats) in itertools.product(TOPICS, patterns.PATTERNS.items())
        if topic.priced or not patterns.TURN_ON_PRICE & set(beats)
    }
    assert {(f.topic.name, pattern) for pattern, _, f in told("test")} == possible


@pytest.mark.parametrize("split", SPLITS)
def test_dialogues_take_turns_from_four_to_fourteen(split):
    lengths = set()
    for _, dialogue, _ in told(split):
        turns = dialogue.split("\n")
        assert [turn.split(":")[0] for turn in turns] == [f"#Person{1 + i % 2}#" for i in range(len(turns))]
        lengths.add(len(turns))
    assert lengths == set(range(4, 15))


@pytest.mark.parametrize("split", SPLITS)
def test_what_the_summary_needs_is_in_the_dialogue(split):
    for pattern, dialogue, f in told(split):
        needed = [f.asker.name, f.helper.name, f.when, f.price, *blanks(f), *f.people]
        if not f.topic.seen:
            needed += [f.topic.name, f.asker.role, f.helper.role, f.verb, f.thing, f.rest]
            needed += [f.refusal.named] if f.refusal else []
        missing = [fact for fact in needed if fact.lower() not in dialogue.lower()]
        assert not missing, f"{missing} not in ({pattern})\n{dialogue}"


def test_a_corrected_day_stays_out_of_the_summary():
    dialogues = told_with(patterns.when_corrected, patterns.when_offered)
    assert len(dialogues) > 300
    for dialogue, f in dialogues:
        others = [day for day in DAYS if day in dialogue and day not in f.when]
        assert len(others) == 1
        assert others[0] not in summarize(f, CONVENTIONS[0])


def test_a_corrected_thing_stays_out_of_the_summary():
    dialogues = [(dialogue, f) for pattern, dialogue, f in told("test") if pattern in ("thing corrected", "misheard")]
    assert len(dialogues) > 300
    for dialogue, f in dialogues:
        assert f.wrong.lower() in dialogue.lower()
        assert f.wrong not in summarize(f, CONVENTIONS[0])


def test_a_first_price_stays_out_of_the_summary():
    dialogues = told_with(patterns.price_haggled, patterns.price_offered)
    assert len(dialogues) > 300
    for dialogue, f in dialogues:
        first, last = re.findall(r"\d+ dollars", dialogue)
        assert last == f.price != first
        assert re.findall(r"\d+ dollars", summarize(f, CONVENTIONS[0])) == [last]


def test_small_talk_is_told_and_stays_out_of_the_summary():
    texts = list(itertools.chain(*patterns.SMALL_TALK))
    told_texts = {text for _, dialogue, _ in told("test") for text in texts if text in dialogue}
    assert told_texts == set(texts)
    summaries = {summarize(f, CONVENTIONS[0]) for _, _, f in told("test")}
    assert not [text for text in texts for summary in summaries if text in summary]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_splits_share_no_filler(one, other):
    pools = {
        field.name: [getattr(BY_SPLIT[split], field.name) for split in (one, other)] for field in fields(BY_SPLIT[one])
    }
    pools |= {
        "items": [[item for topic in TOPICS for item in topic.items[SPLITS.index(split)]] for split in (one, other)],
        "frames of reviews": [card.frames(split) for split in (one, other)],
    }
    for name, by_split in {
        "things of reviews": reviews.THINGS, "asides": reviews.ASIDES, "asides on goods": reviews.BOUGHT,
        "items of commands": command_language.ITEMS, "lists": command_language.LISTS, "places": command_language.PLACES,
    }.items():  # fmt: skip
        pools[name] = [by_split[one], by_split[other]]
    for name, (mine, theirs) in pools.items():
        assert mine, name
        assert theirs, name
        assert not set(mine) & set(theirs), f"{name} of {one} and {other} overlap"


@pytest.mark.parametrize("kind", reviews.KINDS)
@pytest.mark.parametrize("split", SPLITS)
def test_reviews_have_plain_and_negated_frames_of_every_kind(split, kind):
    assert reviews.PLAIN[split][kind]
    assert reviews.NEGATED[split][kind]
    assert not set(reviews.PLAIN[split][kind]) & set(reviews.NEGATED[split][kind])


@pytest.mark.parametrize("topic", UNSEEN, ids=lambda topic: topic.name)
def test_training_never_meets_an_unseen_topic(topic):
    assert not topic.items[0] + topic.items[1]
    assert len(topic.items[2]) >= 10
    mine = own_words(topic)
    for other in TOPICS:
        assert other is topic or not mine & own_words(other), f"{topic.name} and {other.name}"
    assert not mine & words(*WORKSHOP.roles, *WORKSHOP.subjects, *WORKSHOP.nouns)
    for split in ("train", "validation"):
        assert topic.name not in {f.topic.name for _, _, f in told(split)}
        assert not mine & vocabulary(split)


def test_made_up_topics_are_put_together_from_the_workshop():
    rng = random.Random(0)
    topics = [made_up_topic(rng) for _ in range(300)]
    assert len({topic.name for topic in topics}) > 100
    for topic in topics:
        assert topic.asker != topic.helper
        assert set(topic.items[0]) <= set(WORKSHOP.nouns)
    invented = sum(topic.asker[4:] not in WORKSHOP.roles for topic in topics) / len(topics)
    assert MADE_UP_PARTS / 2 < invented < 2 * MADE_UP_PARTS
    drawn = {split: {f.topic.name for _, _, f in told(split)} - {t.name for t in TOPICS} for split in SPLITS}
    assert len(drawn["train"] & set(WORKSHOP.subjects)) > 100
    assert not drawn["validation"] | drawn["test"]


@pytest.mark.parametrize(("one", "other"), [*PAIRS, *((split, "handwritten") for split in SPLITS)])
def test_splits_share_no_dialogue(one, other):
    rows = [data.dialogues(name) if name == "handwritten" else data.dialogues("course", name) for name in (one, other)]
    assert not {row.dialogue for row in rows[0]} & {row.dialogue for row in rows[1]}


@pytest.mark.parametrize("split", SPLITS)
def test_bundled_files_are_what_the_recipe_makes(split):
    for folder, made in (
        ("dialogues", generate.rows(split, generate.ROWS[split], SEED)),
        ("reviews", reviews.rows(split, SEED)),
    ):
        lines = (bundled.FOLDER / folder / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line) for line in lines] == made


def test_the_data_card_says_what_is_counted():
    text = (bundled.FOLDER / "dialogues" / "README.md").read_text(encoding="utf-8")
    assert text == card.from_files(bundled.FOLDER)
    for key in ("license: cc0-1.0", "language: en", "task_categories: [summarization]", "size_categories: [1K<n<10K]"):
        assert key in text.split("---")[1]
    assert "| rows | 12,460 | 1,080 | 500 | 500 | 64 |" in text


def test_a_longer_training_split_begins_with_the_bundled_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(card, "TRAIN_LIKE", 20)
    monkeypatch.setattr("sys.argv", ["make", "--train-rows", "1100", "--out", str(tmp_path)])
    make.main()
    longer = data.dialogues(str(tmp_path / "dialogues"), "train")
    bundled = data.dialogues("course", "train")
    assert (len(longer), longer[: len(bundled)]) == (1100, bundled)
    assert "| rows | 20 | 1,100 | 500 | 500 | 64 |" in (tmp_path / "dialogues" / "README.md").read_text("utf-8")


@pytest.mark.parametrize("split", SPLITS)
def test_bundled_dialogues_cover_topics_conventions_and_outcomes(split):
    rows = data.dialogues("course", split)
    assert {row.topic for row in rows} == {topic.name for topic in (TOPICS if split == "test" else SEEN)}
    counts = Counter(row.convention for row in rows)
    assert set(counts) == set(map(str, CONVENTIONS))
    assert max(counts.values()) - min(counts.values()) <= 1
    refused = sum("because of" in row.summary for row in rows)
    assert 0.3 < refused / len(rows) < 0.5


def test_a_fifth_of_the_test_is_about_unseen_topics():
    rows = data.dialogues("course", "test")
    assert 0.15 < sum(row.topic in {topic.name for topic in UNSEEN} for row in rows) / len(rows) < 0.25


def test_training_pool_has_enough_examples_of_every_convention():
    counts = Counter(row.convention for row in data.dialogues("course", "train"))
    assert min(counts.values()) >= 20


def test_handwritten_dialogues_are_well_formed():
    rows = data.dialogues("handwritten")
    assert len({row.id for row in rows}) == len({row.dialogue for row in rows}) == len(rows) >= 60
    for row in rows:
        turns = [re.fullmatch(r"(#Person[123]#): \S.*\S", turn) for turn in row.dialogue.split("\n")]
        assert all(turns), row.id
        speakers = {turn[1] for turn in turns}
        assert {"#Person1#", "#Person2#"} <= speakers
        assert set(re.findall(r"#Person\d#", row.summary)) <= speakers
        assert "#Person1#" in row.summary or "#Person2#" in row.summary
        assert row.summary.endswith(".")
        assert row.convention == str(CONVENTIONS[0])


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


@pytest.mark.parametrize("split", SPLITS)
def test_commands_parse_and_copy_from_the_wish(split):
    for wish, command in itertools.islice(command_language.stream(split, 1, invented=0.3), 1000):
        call = ast.parse(command, mode="eval").body
        signature, _ = command_language.COMMANDS[call.func.id]
        names = [argument.arg for argument in call.keywords]
        assert not call.args
        assert names == [name for name in signature if name in names]
        for name, value in ((argument.arg, ast.literal_eval(argument.value)) for argument in call.keywords):
            if name == "order":
                assert value in ("up", "down")
            else:
                number = NUMBERS[value - 2] if isinstance(value, int) and 0 <= value - 2 < len(NUMBERS) else str(value)
                assert str(value) in wish or number in wish, f"{name} of {command} is not in: {wish}"
