"""Figures about summaries, on a scripted model whose mistakes are known."""

import pytest

from utils import data, generation, summary_claims
from utils.data import Dialogue, Facts, Speaker
from utils.data.conventions import PLAIN
from utils.models import LanguageModel
from utils.scoring import PromptOptions

QUIET = PromptOptions(progress=False)
ANNA, BEN = Speaker("#Person1#", "Anna", ""), Speaker("#Person2#", "Ben", "")
SHOWS = ("agreement", "label", "names", "tense")


def row(name: str, topic: str, thing: str, when: str = "", shows: tuple[str, ...] = SHOWS) -> Dialogue:
    """Ben is asked for a thing, and agrees."""
    deed = f"bring the {thing}"
    summary = f"#Person1# asks #Person2# to {deed}{when and ' ' + when}, and #Person2# agrees."
    facts = Facts(ANNA, BEN, deed, (when, when), "", "yes", "")
    return Dialogue(
        name, f"#Person1#: The {thing}, {when}?", summary, topic, str(PLAIN), (), shows, (ANNA, BEN), "yes", (), facts
    )


POOL = [
    row("p0", "food", "soup"),
    row("p1", "food", "salad"),
    row("p2", "music", "cello", "on Friday", (*SHOWS, "time")),
]
TARGETS = [
    row("t0", "food", "cake"),
    row("t1", "music", "drum"),
    row("t2", "music", "harp", "on Monday", (*SHOWS, "time")),
]


@pytest.fixture
def lm(monkeypatch):
    """Right but for one thing: after an example about food it brings the spoon, a word that it made up otherwise."""
    rows = {r.dialogue: r.summary for r in (*POOL, *TARGETS)}

    def answer(text: str) -> str:
        *_, last = text.split("Dialogue:\n")
        said = rows[last.split("\n\n")[0]]
        return (
            said.replace("cake", "spoonwort").replace("drum", "spoonwort")
            if "soup" in text or "salad" in text
            else said
        )

    monkeypatch.setattr(generation, "generate", lambda lm, texts, config, progress: [answer(text) for text in texts])
    return LanguageModel("scripted", None, None, 99, "fp32")


def test_parts_that_are_right_and_what_the_example_changes(lm):
    found = {part.name: part for part in summary_claims.parts(lm, TARGETS, POOL, QUIET)}
    assert set(found) == {"names", "deed", "outcome"}, "one target alone has a time, none has a price"
    assert found["names"].right.mean == found["outcome"].right.mean == 1
    # Food after food is wrong, after music right; of the two on music the drum is wrong after food alone.
    assert found["deed"].minus_other.mean == pytest.approx((-1 + 1 + 0) / 3)


def test_words_out_of_nowhere_are_counted_and_shown(lm, monkeypatch):
    monkeypatch.setattr(summary_claims, "known_words", lambda: frozenset({"asks", "to", "bring", "and", "agrees"}))
    strays = summary_claims.strays(lm, "scripted", TARGETS[:2], POOL[:2], QUIET)
    assert (strays.stray, strays.answers, strays.found) == (2, 1.0, ("spoonwort",))
    assert strays.words == 20
    assert "10.00% of words, in 100.0% of summaries" in str(strays)


def test_what_examples_reveal_is_computed_from_what_they_show(lm, monkeypatch):
    monkeypatch.setattr(summary_claims, "SHOTS", (0, 3))
    none, all_three = summary_claims.revealed(lm, [TARGETS[2]] * 2, POOL, QUIET)
    assert none.form == pytest.approx(1 / (3 * 3 * 3 * 2 * 2))
    assert (none.exact_match, all_three.form, all_three.exact_match) == (1, 1, 1)
    assert summary_claims.revealed(lm, [], POOL, QUIET) == ()


def test_natural_scores_of_a_model_that_copies_the_reference(monkeypatch):
    answers = {r.dialogue: r.summary for r in data.dialogues("natural", "test")}
    styled = {r.dialogue: r.summary for r in data.dialogues("natural", "test", True)}

    def answer(text: str) -> str:
        target = text.split("Dialogue:\n")[-1].split("\n\nWhat was going on?")[0]
        return (styled if text.count("What was going on?") > 1 else answers)[target]

    monkeypatch.setattr(generation, "generate", lambda lm, texts, config, progress: [answer(text) for text in texts])
    lm = LanguageModel("scripted", None, None, 99, "fp32")
    zero, one = summary_claims.natural_scores(lm, 40, True, QUIET)
    assert one.rougeL.mean == one.names == 1
    assert one.form > 0.97, "the checks of a house style know their own summaries"
    assert zero.form is None
    plain = summary_claims.natural_scores(lm, 40, False, QUIET)[0]
    assert plain.outcome > 0.97
