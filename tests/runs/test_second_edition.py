"""The second edition: conventions, words, sampled segmentation, examples that can be mistaken for the target."""

import random
from dataclasses import asdict, replace
from functools import cache

import pytest
import torch
from transformers import AutoTokenizer

from runs import clock, words
from runs.course_model import templates
from runs.course_model.batches import CORRUPTION, REPEAT
from runs.course_model.train import OUT
from runs.dialogues.events import Frame
from runs.natural import records
from runs.second_edition import batches, frames, tasks, train
from runs.second_edition.train import Recipe, Trainer
from utils.data import Dialogue
from utils.data.conventions import CONVENTIONS, PLAIN
from utils.summary_checks import kept, right

pytestmark = pytest.mark.skipif(
    not words.WORDNET.is_dir(), reason="WordNet is not installed: wordnet-base, tools/packages.txt"
)


@cache
def drawn() -> list[Frame]:
    """150 frames of training and 150 of the test."""
    return [
        frames.draw_frame(random.Random(f"{split} {i}"), split, unseen=0.2)
        for split in ("train", "test")
        for i in range(150)
    ]


@pytest.fixture(scope="module")
def tokenizer():
    """The first edition's: any text can be read with it."""
    return AutoTokenizer.from_pretrained(OUT)


def test_a_summary_from_the_record_is_right_by_the_checks_of_it():
    rng = random.Random(1)
    for f in drawn():
        c = rng.choice(CONVENTIONS)
        summary = frames.summarize(f, c)
        wrong = [part for part, fine in asdict(right(summary, frames.facts(f), c)).items() if fine is False]
        assert wrong == [], (summary, c)


def test_everything_that_a_frame_tells_is_said_in_its_dialogue():
    rng = random.Random(2)
    for f in drawn():
        told = frames.told(rng, f)
        assert f.asker.name in told
        assert f.helper.name in told
        assert f.when.removeprefix("on ").removeprefix("at ") in told
        assert f.price in told or f.price.capitalize() in told


def test_no_word_of_the_wide_lists_is_held_out():
    assert {"odette", "tailoring", "trout"} <= words.held_out()
    lists = [words.things(), words.deeds(), words.surnames(), words.cities(), *map(words.first_names, "fm")]
    assert min(map(len, lists)) > 1000
    for found in lists:
        assert not {word.lower() for word in found} & words.held_out()


def test_an_example_may_have_the_targets_people_and_deed():
    rng = random.Random(3)
    target, examples = drawn()[0], drawn()[1:150]
    mixed = [frames.confusable(rng, example, target) for example in examples]
    theirs = {target.asker.name, target.helper.name}
    same_people = sum({f.asker.name, f.helper.name} == theirs for f in mixed)
    same_deed = sum(f.deed == target.deed for f in mixed)
    assert 10 < same_people < 70
    assert 5 < same_deed < 45
    assert all(f.people[:2] == (f.asker.name, f.helper.name) for f in mixed)


@pytest.mark.parametrize("shots", [0, 1, 3, 6])
def test_all_summaries_of_a_prompt_follow_one_convention(shots):
    source = tasks.sources("train", 5, natural=())
    for _ in range(30):
        pairs = tasks.summary(source, shots)
        assert len(pairs) == shots + 1
        labels = {(said.startswith("["), " Topic: " in said) for _, said in pairs}
        assert len(labels) == 1
        if not shots:
            assert pairs[0][1].startswith("#Person")


def test_natural_dialogues_are_summarised_and_never_those_of_the_test():
    source = tasks.sources("train", 6)
    held_out = {r.topic for r in records.read_split("test")}
    scenes = [tasks.scene(source, True)[0] for _ in range(300)]
    assert not {r.topic for r in scenes} & held_out
    assert len({r.name for r in scenes}) > 50


def test_a_sampled_segmentation_reads_the_same_and_cuts_a_word_alike_everywhere(tokenizer):
    segmenter = batches.Segmenter(tokenizer, random.Random(0), 1.0)
    text = "#Person1#: Odette, could you shorten the 12 robes by ten to four?\n\nWhat was going on?\n"
    answer = "Odette is asked to shorten Odette"
    drawn = [segmenter.pair(text, answer) for _ in range(40)]
    assert {(tokenizer.decode(ids[:-1]), tokenizer.decode(said[:-1])) for ids, said in drawn} == {(text, answer)}
    assert len({tuple(ids) for ids, _ in drawn}) > 20
    assert all(ids[-1] == said[-1] == tokenizer.eos_token_id for ids, said in drawn)
    for ids, said in drawn:
        first = next(n for n in range(1, len(said)) if tokenizer.decode(said[:n]) == "Odette")
        assert said[:first] == said[-1 - first : -1]
        assert any(ids[at : at + first] == said[:first] for at in range(len(ids)))
    off = batches.Segmenter(tokenizer, random.Random(0), 0.0)
    assert off.pair(text, answer) == (tokenizer(text)["input_ids"], tokenizer(answer)["input_ids"])


def test_pieces_to_copy_come_once_each_and_any_of_them_may(tokenizer):
    stream = batches.PromptStream(tokenizer, "train", 1)
    drawn = [stream.pieces() for _ in range(300)]
    assert all(prompt[-len(answer) :] == answer and len(set(answer)) == len(answer) for prompt, answer in drawn)
    assert len({piece for _, answer in drawn for piece in answer}) > 0.5 * len(stream.segmenter.ordinary)
    assert not {piece for _, answer in drawn for piece in answer[:-1]} & set(tokenizer.all_special_ids)


@pytest.mark.parametrize("task", [CORRUPTION, REPEAT, batches.PIECES, *templates.TASKS])
def test_every_task_draws_the_same_pairs_from_a_seed(tokenizer, task):
    one, same, other = (batches.PromptStream(tokenizer, "train", seed) for seed in (1, 1, 2))
    drawn = one.pair(task, 1, 0)
    assert drawn == same.pair(task, 1, 0) != other.pair(task, 1, 0)
    assert drawn[1][-1] == tokenizer.eos_token_id


def test_a_variant_without_natural_dialogues_or_sampling(tokenizer):
    plain = batches.Mixed(natural=False, sampled=False)
    for batch in batches.batches(tokenizer, plain, range(40, 44), 100):
        assert batch.input_ids.shape[0] >= 2
    stream = batches.PromptStream(tokenizer, "train", 1, natural=(), sampled=False)
    assert stream.sources.natural == ()
    assert stream.segmenter.share == 0


def test_a_resumed_run_equals_an_unbroken_one(tokenizer, tmp_path):
    recipe = Recipe(steps=4, size="1m", budget=600)
    whole, first = Trainer(recipe, tokenizer), Trainer(recipe, tokenizer)
    whole.run(tmp_path / "whole.pt")
    stream = list(first.stream(range(4)))
    for batch in stream[:2]:
        first.losses.append((batch.task, batch.shots, batch.input_ids.numel(), first.update(batch)))
        first.step += 1
    first.save(tmp_path / "state.pt")
    second = Trainer(recipe, tokenizer)
    second.load(tmp_path / "state.pt")
    second.run(tmp_path / "state.pt")
    assert [loss for *_, loss in second.losses] == pytest.approx([loss for *_, loss in whole.losses])
    for one, other in zip(whole.master, second.master, strict=True):
        torch.testing.assert_close(one, other)


def test_the_run_that_was_broken_off_can_go_on():
    state = torch.load(train.BEGUN / "state.pt")
    recipe = Recipe(**state["recipe"])
    trainer = Trainer(recipe, AutoTokenizer.from_pretrained(train.BEGUN))
    assert [weight.shape for weight in trainer.master] == [weight.shape for weight in state["master"]]
    assert 0 < state["step"] == len(state["losses"]) < recipe.steps
    assert state["losses"][-1][-1] < state["losses"][0][-1]


def test_the_form_of_a_summary_is_told_from_another():
    f = next(f for f in drawn() if f.refusal and f.when_short.startswith("on") and f.price)
    row = row_of(f)
    for c in random.Random(4).sample(CONVENTIONS, 60):
        assert all(kept(frames.summarize(f, c), row, c).values()), c
        other = replace(
            c, label="before" if c.label == "none" else "none", tense="past" if c.tense == "present" else "present"
        )
        lost = {choice for choice, fine in kept(frames.summarize(f, other), row, c).items() if not fine}
        assert lost == {"label", "tense"}


def row_of(f: Frame) -> Dialogue:
    facts = frames.facts(f)
    return Dialogue("r", "", "", "", str(PLAIN), shows=tuple(frames.shows(f)), speakers=(facts.asker, facts.helper))


@pytest.mark.parametrize("form", clock.PRICE_FORMS)
def test_prices_of_every_form_can_be_changed(form):
    f = replace(drawn()[0], amount=42, price_form=form)
    assert f.price == clock.price(42, form)
    assert clock.price(43, form) != f.price
