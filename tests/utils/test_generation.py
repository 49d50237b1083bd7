"""Generation: settings that refuse what has no effect, and batches that change nothing but the time.

A tiny random model is built on the spot; the last tests use the bundled course model.
"""

import random

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import GenerationConfig, PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

from utils.errors import CourseError
from utils.generation import describe, generate, settings
from utils.models import LanguageModel, load

WORDS = ("the", "a", "rent", "meeting", "ticket", "paid", "moved", "asks", "agrees", "Friday", "Monday", "Ben", "Ana")


def sentence(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(WORDS) + str(rng.randrange(50)) for _ in range(words))


@pytest.fixture(scope="module")
def prompts():
    rng = random.Random(1)
    return [sentence(rng, rng.randrange(1, 25)) for _ in range(23)]


@pytest.fixture(scope="module")
def tokenizer():
    rng = random.Random(0)
    raw = Tokenizer(models.BPE(unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel()
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=["<pad>", "</s>", "<unk>"], show_progress=False)
    raw.train_from_iterator([sentence(rng, 50) for _ in range(50)], trainer)
    raw.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=20
    )


@pytest.fixture
def lm(tokenizer):
    torch.manual_seed(0)
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=32,
        d_kv=8,
        d_ff=64,
        num_layers=2,
        num_heads=4,
        feed_forward_proj="gated-gelu",
        decoder_start_token_id=0,
        initializer_factor=3.0,
    )
    return LanguageModel("tiny", T5ForConditionalGeneration(config).eval(), tokenizer, 20, "fp32")


@pytest.fixture(scope="module")
def course():
    return load("course", "fp32")


def greedy_by_hand(lm, prompt: str, max_new_tokens: int) -> str:
    """Argmax over the whole forward pass, one token at a time, without cache, batch or padding."""
    ids = lm.tokenizer(prompt, return_tensors="pt", verbose=False)["input_ids"]
    decoded = torch.tensor([[lm.model.config.decoder_start_token_id]])
    with torch.inference_mode():
        for _ in range(max_new_tokens):
            token = lm.model(input_ids=ids, decoder_input_ids=decoded).logits[0, -1].argmax()
            decoded = torch.cat([decoded, token.view(1, 1)], dim=1)
            if token == lm.model.generation_config.eos_token_id:
                break
    return lm.tokenizer.decode(decoded[0], skip_special_tokens=True).strip()


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"temperature": 0.7}, "temperature=0.7 has no effect while do_sample=False"),
        ({"top_k": 0}, "top_k=0 has no effect while do_sample=False"),
        ({"top_p": 1.0}, "top_p=1.0 has no effect while do_sample=False"),
        ({"do_sample": True, "temperature": 0}, "temperature must be a number above 0, but 0 came"),
        ({"do_sample": True, "temperature": -1.0}, "temperature must be a number above 0"),
        ({"do_sample": True, "temperature": float("nan")}, "temperature must be a number above 0"),
        ({"do_sample": True, "temperature": "hot"}, "temperature must be a number above 0, but 'hot' came"),
        ({"do_sample": True, "top_p": 0.0}, r"top_p must be in \(0, 1\]"),
        ({"do_sample": True, "top_p": 1.1}, r"top_p must be in \(0, 1\]"),
        ({"do_sample": True, "top_k": -1}, "top_k must be an integer of 0 or more"),
        ({"do_sample": True, "top_k": 2.5}, "top_k must be an integer of 0 or more"),
        ({"max_new_tokens": 0}, "max_new_tokens must be an integer of 1 or more, but 0 came"),
        ({"max_new_tokens": 7.0}, "max_new_tokens must be an integer of 1 or more"),
    ],
)
def test_settings_without_effect_are_refused_in_one_sentence(named, message):
    with pytest.raises(CourseError, match=message) as caught:
        settings(**named)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("config", "line"),
    [
        (settings(7), "greedy, the most probable token each time; at most 7 new tokens"),
        (
            settings(7, do_sample=True),
            "sampling, temperature 1.0 (off), top_k 0 (off), top_p 1.0 (off); at most 7 new tokens",
        ),
        (
            settings(7, do_sample=True, temperature=0.5, top_k=3, top_p=0.9),
            "sampling, temperature 0.5, top_k 3, top_p 0.9; at most 7 new tokens",
        ),
        (
            GenerationConfig(do_sample=True),
            "sampling, temperature 1.0 (off), top_k 50 (not asked for: transformers' own default), top_p 1.0 (off); "
            "at most 20 new tokens",
        ),
        (GenerationConfig(num_beams=4, max_new_tokens=9), "beam search over 4 beams; at most 9 new tokens"),
    ],
)
def test_effective_says_what_is_in_force(config, line):
    assert describe(config) == line


def test_greedy_equals_a_loop_written_by_hand(lm, prompts):
    got = generate(lm, prompts, settings(12), progress=False)
    assert got == [greedy_by_hand(lm, prompt, 12) for prompt in prompts]
    assert len(set(got)) > len(prompts) // 2, "the model must answer differently, or this proves little"


def test_batches_change_nothing(lm, prompts):
    one_by_one = [generate(lm, [prompt], settings(12), progress=False)[0] for prompt in prompts]
    for batch_size in (1, 4, 16, 100):
        assert generate(lm, prompts, settings(12), batch_size, progress=False) == one_by_one


def test_order_of_prompts_is_kept(lm, prompts):
    order = list(range(len(prompts)))
    random.Random(3).shuffle(order)
    straight = generate(lm, prompts, progress=False)
    assert generate(lm, [prompts[i] for i in order], progress=False) == [straight[i] for i in order]


def test_prompts_longer_than_the_window_are_not_cut(lm):
    rng = random.Random(5)
    long = sentence(rng, 60)
    got = generate(lm, ["Ben1 " + long, "Ana2 " + long], settings(12), progress=False)
    assert got == [greedy_by_hand(lm, name + long, 12) for name in ("Ben1 ", "Ana2 ")]


@pytest.mark.parametrize(
    "stored",
    [
        {"num_beams": 3, "repetition_penalty": 5.0},
        {"min_new_tokens": 9, "suppress_tokens": list(range(10, 90))},
        {"max_length": 4, "no_repeat_ngram_size": 1},
        {"do_sample": True, "temperature": 3.0},
    ],
)
def test_settings_of_the_checkpoint_do_not_leak(lm, prompts, stored):
    want = generate(lm, prompts[:4], settings(12), progress=False)
    own = lm.model.generation_config
    own.update(**stored)
    assert generate(lm, prompts[:4], settings(12), progress=False) == want
    assert lm.model.generation_config is own
    assert getattr(own, next(iter(stored))) == next(iter(stored.values()))


def test_sampling_with_a_seed_does_not_depend_on_earlier_calls(lm, prompts):
    config = settings(8, do_sample=True)
    first = generate(lm, prompts, config, seed=4, progress=False)
    torch.rand(17)
    state = torch.random.get_rng_state()
    assert generate(lm, prompts, config, seed=4, progress=False) == first
    assert torch.equal(torch.random.get_rng_state(), state)
    assert generate(lm, prompts, config, seed=5, progress=False) != first


def test_sampling_without_a_seed_follows_torch(lm, prompts):
    config = settings(8, do_sample=True)
    torch.manual_seed(9)
    first, second = (generate(lm, prompts, config, progress=False) for _ in range(2))
    torch.manual_seed(9)
    assert generate(lm, prompts, config, progress=False) == first != second


def test_top_k_of_one_is_greedy(lm, prompts):
    sampled = generate(lm, prompts, settings(12, do_sample=True, top_k=1), seed=0, progress=False)
    assert sampled == generate(lm, prompts, settings(12), progress=False)


def test_sampling_is_not_cut_to_50_tokens_unless_asked(lm):
    same = ["Ben1 asks"] * 400
    hot = {"do_sample": True, "temperature": 50.0}
    ours = generate(lm, same, settings(1, **hot), batch_size=100, seed=0, progress=False)
    silent = generate(lm, same, GenerationConfig(max_new_tokens=1, **hot), batch_size=100, seed=0, progress=False)
    assert len(set(silent)) <= 50 < len(set(ours))


def test_training_mode_is_restored(lm):
    lm.model.train()
    generate(lm, ["Ben1"], settings(2), progress=False)
    assert lm.model.training
    lm.model.eval()


@pytest.mark.parametrize(
    ("prompts", "message"),
    [
        ("Ben asks", "A list of prompts was expected, but one string came"),
        (["Ben", "  "], "Prompt 1 should hold text"),
        (["Ben", None], "Prompt 1 should hold text"),
    ],
)
def test_prompts_without_text_are_refused(lm, prompts, message):
    with pytest.raises(CourseError, match=message):
        generate(lm, prompts)


def test_foreign_settings_without_effect_are_refused(lm):
    with pytest.raises(CourseError, match=r"temperature=0\.5 has no effect"):
        generate(lm, ["Ben"], GenerationConfig(temperature=0.5))
    with pytest.raises(CourseError, match="batch_size must be 1 or more"):
        generate(lm, ["Ben"], batch_size=0)


def test_no_prompts_give_no_completions(lm):
    assert generate(lm, [], progress=False) == []


def test_progress_goes_to_stderr(lm, prompts, capsys):
    generate(lm, prompts[:3], settings(1))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "3/3" in shown.err
    generate(lm, prompts[:3], settings(1), progress=False)
    assert capsys.readouterr().err == ""


def test_course_model_in_batches_equals_one_at_a_time(course):
    rng = random.Random(2)
    texts = [f"Dialogue:\n#Person1#: {sentence(rng, n)}\n\nWhat was going on?\n" for n in (3, 30, 11, 1, 18)]
    one_by_one = [generate(course, [text], settings(20), progress=False)[0] for text in texts]
    assert generate(course, texts, settings(20), batch_size=4, progress=False) == one_by_one
    assert one_by_one[:2] == [greedy_by_hand(course, text, 20) for text in texts[:2]]
