"""The recipe of the course model: tokenizer, prompts, training that resumes, and the bundled result."""

import itertools
import json
from dataclasses import replace
from functools import cache

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from runs.course_model import batches, card, tasks, templates, train, train_tokenizer
from runs.course_model.train import OUT, Recipe, Trainer
from utils import data
from utils.errors import CourseError

TINY = Recipe(seed=3, steps=4, budget=260, size="1m", most_shots=1)


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer.train(seed=0, prompts=300)


@cache
def bundled_tokenizer():
    return AutoTokenizer.from_pretrained(OUT)


@pytest.fixture
def bundled():
    return bundled_tokenizer()


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_encodes_without_unknown_token_and_decodes_unchanged(text):
    ids = bundled_tokenizer()(text, verbose=False)["input_ids"]
    assert bundled_tokenizer().unk_token_id not in ids
    assert bundled_tokenizer().decode(ids[:-1]) == text


@pytest.mark.parametrize(
    "text", ["", "<extra_id_0>", "a <extra_id_7> b", "<0x0A>", "▁low", "\t\r\n\n", "😀 مرحبا", "\x00\x07", "é日本"]
)
def test_odd_text_round_trips(bundled, text):
    ids = bundled(text)["input_ids"]
    assert bundled.decode(ids[:-1]) == text
    assert ids[-1] == bundled.eos_token_id


def test_sentinel_tokens_are_single(bundled):
    assert [len(bundled(f"<extra_id_{i}>")["input_ids"]) for i in (0, 99)] == [2, 2]


def test_a_name_is_the_same_pieces_wherever_it_stands(bundled):
    name = bundled.tokenize("Kirsten")
    for text in ("Hello, Kirsten.", "Kirsten asks", "[x] Kirsten", "is Kirsten?", "#Person1#: Kirsten, hello"):
        pieces = bundled.tokenize(text)
        assert any(pieces[i : i + len(name)] == name for i in range(len(pieces))), pieces


def test_tokenizer_training_repeats(tokenizer):
    assert train_tokenizer.train(seed=0, prompts=300).get_vocab() == tokenizer.get_vocab()


def test_prompts_show_zero_to_six_examples_and_fit_the_window(bundled):
    shots, seen = set(), set()
    for batch in batches.batches(bundled, 1, range(150), 150, 2600):
        shots.add(batch.shots)
        seen.add(batch.task)
        assert batch.input_ids.shape[1] <= train.CONTEXT_WINDOW
        assert (batch.labels[batch.labels != -100] > 0).all()
    assert shots == set(range(7))
    assert seen == {*templates.TASKS, batches.CORRUPTION, batches.REPEAT}


def test_the_phases_follow_one_another():
    assert sum(phase.share for phase in batches.PHASES) == pytest.approx(1)
    steps = Recipe.steps
    phases = [batches.phase_of(step, steps) for step in range(steps)]
    shares = [phases.count(phase) / steps for phase in batches.PHASES]
    assert shares == pytest.approx([phase.share for phase in batches.PHASES])
    assert phases == sorted(phases, key=batches.PHASES.index)


def test_an_ablated_stream_shows_no_example(bundled):
    for batch in batches.batches(bundled, 1, range(60, 100), 100, 1300, most_shots=0):
        assert batch.shots == 0


def test_every_task_has_six_templates_and_forms_of_zero_to_six_examples():
    stream = tasks.sources("train", 0)
    assert len(templates.TASKS) == 7
    for task in templates.TASKS:
        assert len(set(templates.TEMPLATES[task])) >= 6
        for template in templates.TEMPLATES[task]:
            for shots in (0, 6):
                prompt, answer = tasks.prompt(template, tasks.DRAW[task](stream, shots), "<gap>")
                assert prompt.count("<gap>") == shots
                assert answer.strip()
                assert "\t" not in prompt


def test_examples_of_a_prompt_follow_one_convention():
    stream = tasks.sources("train", 0)
    for _ in range(50):
        assert len({answer.startswith("[") for _, answer in tasks.summary(stream, 3)}) == 1


def test_answers_of_questions_and_lists_stand_in_the_text():
    stream = tasks.sources("train", 1)
    for text, answer in tasks.question(stream, 200):
        assert answer in ("yes", "no") or answer in text
    for text, answer in tasks.entities(stream, 100):
        said = [
            part for entry in answer.replace(" | ", "; ").split("; ") for part in entry.split(": ", 1)[-1].split(", ")
        ]
        assert all(part == "none" or part in text for part in said)


def test_corrupted_text_can_be_put_together_again(bundled):
    stream = batches.PromptStream(bundled, "train", 0)
    sentinels = bundled.convert_tokens_to_ids([f"<extra_id_{i}>" for i in range(100)])
    for _ in range(20):
        prompt, answer = stream.corrupted()
        borders = [i for i, token in enumerate(answer) if token in sentinels]
        spans = {answer[i]: answer[i + 1 : j] for i, j in itertools.pairwise(borders)}
        whole = [piece for token in prompt for piece in spans.get(token, [token])]
        text = bundled.decode(whole[:-1])
        assert text.startswith("#Person1#: ")
        assert bundled(text)["input_ids"] == whole


def test_a_resumed_run_equals_an_unbroken_one(tokenizer, tmp_path):
    torch.manual_seed(0)
    whole = Trainer(TINY, tokenizer)
    whole.run(tmp_path / "whole.pt")
    broken = Trainer(TINY, tokenizer)
    for batch in batches.batches(tokenizer, TINY.seed, range(2), TINY.steps, TINY.budget, TINY.most_shots):
        broken.losses.append((batch.task, batch.shots, batch.input_ids.numel(), broken.update(batch)))
        broken.step += 1
    broken.save(tmp_path / "half.pt")
    resumed = Trainer(TINY, tokenizer)
    resumed.load(tmp_path / "half.pt")
    resumed.run(tmp_path / "half.pt")
    assert [loss for *_, loss in resumed.losses] == pytest.approx([loss for *_, loss in whole.losses], abs=1e-3)
    assert resumed.step == whole.step == TINY.steps
    assert torch.tensor(1e-39) + 0 > 0, "training leaves the process as it found it"


def test_weights_alone_go_on_with_averages_and_without_a_move(tokenizer, tmp_path, monkeypatch):
    monkeypatch.setattr(train, "AVERAGED", 10)
    recipe = replace(TINY, steps=60)
    run = Trainer(recipe, tokenizer)
    for batch in run.stream(range(2)):
        run.losses.append((batch.task, batch.shots, batch.input_ids.numel(), run.update(batch)))
        run.step += 1
    run.save_weights(tmp_path / "weights.pt")
    run.save(tmp_path / "state.pt")
    assert (tmp_path / "weights.pt").stat().st_size < (tmp_path / "state.pt").stat().st_size / 5
    taken_up = Trainer(recipe, tokenizer)
    taken_up.load(tmp_path / "weights.pt")
    assert (taken_up.step, taken_up.losses) == (run.step, run.losses)
    for one, other in zip(taken_up.master, run.master, strict=True):
        torch.testing.assert_close(one, other.bfloat16().float(), rtol=0, atol=0)
    assert taken_up.schedule.get_last_lr() == run.schedule.get_last_lr()
    assert {state["step"].item() for state in taken_up.optimizer.state.values()} == {train.AVERAGED}


@pytest.mark.parametrize("steps", [4, 100, 800, Recipe.steps])
@pytest.mark.parametrize("made", [0, 2])
def test_the_rate_of_every_step_is_the_lower_of_two_lines(steps, made):
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([{"params": [weight], "peak": 0.5 * Recipe.rate}], lr=1.0)
    schedule, rates = train.schedule(optimizer, steps, made), []
    for _ in range(made, steps):
        rates += schedule.get_last_lr()
        optimizer.step()
        schedule.step()
    # The formula by which the bundled model was trained.
    wanted = [min((step + 1) / train.WARMUP, (steps - step) / steps) for step in range(made, steps)]
    assert rates == pytest.approx([0.5 * Recipe.rate * share for share in wanted], rel=1e-12)


def test_a_checkpoint_of_another_recipe_is_refused(tokenizer, tmp_path):
    Trainer(TINY, tokenizer).save(tmp_path / "state.pt")
    with pytest.raises(CourseError, match="without --resume"):
        Trainer(replace(TINY, seed=4), tokenizer).load(tmp_path / "state.pt")


def test_bundled_model_loads_with_plain_auto_classes(bundled):
    model = AutoModelForSeq2SeqLM.from_pretrained(OUT)
    assert 7e6 <= sum(p.numel() for p in model.parameters()) <= 8e6
    assert sum(path.stat().st_size for path in OUT.iterdir()) <= 16e6
    assert len(bundled) <= model.config.vocab_size
    assert model.config.n_positions == train.CONTEXT_WINDOW
    assert not torch.equal(model.lm_head.weight, model.shared.weight)


def test_the_card_says_what_was_measured():
    text = (OUT / "README.md").read_text(encoding="utf-8")
    assert text == card.card(OUT, json.loads((OUT / "evaluation.json").read_text()))
    assert text.startswith("---\n")
    for key in ("license: cc0-1.0", "library_name: transformers", "pipeline_tag: summarization"):
        assert key in text.split("---")[1]
    log = json.loads((OUT / "training.json").read_text())
    assert log["loss_nats"][-1] < log["loss_nats"][0] / 4


@pytest.mark.slow
def test_an_evaluation_has_the_fields_of_the_bundled_one(monkeypatch):
    """Of four dialogues, so that a change of the scores' fields is seen before the next training."""
    rows = data.dialogues
    few = {"test": 4, "train": None}
    monkeypatch.setattr(card.data, "dialogues", lambda name, split: rows(name, split)[: few[split]])
    monkeypatch.setattr(card, "SHOTS", (0, 1, 6))
    found = card.measure(OUT, None, {}) | {"twin": None}
    bundled = json.loads((OUT / "evaluation.json").read_text())
    assert set(found) == set(bundled)
    assert set(found["scores"][0]) == set(bundled["scores"][0])
    assert card.headlines(found).keys() >= {"ROUGE-L, six examples", "one example minus none"}
    assert "(not measured)" in card.card(OUT, found)
