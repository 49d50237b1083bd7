"""The bundled model on input that nobody planned for: it answers or refuses in one sentence, and never breaks."""

import pytest

from utils import generation, models, prompts
from utils.errors import CourseError

ODD = {
    "emoji": "#Person1#: 😀🎉 Lunch?\n#Person2#: 👍",
    "Arabic": "#Person1#: مرحبا كيف حالك؟\n#Person2#: بخير، شكرا",
    "control characters": "#Person1#: a\x00b\x07\x1b[31m\n#Person2#: \x7f",
    "a lone sentinel": "<extra_id_0>",
    "special tokens": "</s><pad><unk></s>",
    "one letter": "x",
    "white space inside": "a\t\t\r\n\u00a0\u200b b",
}


@pytest.fixture(scope="module")
def lm():
    return models.load("course", "fp32")  # in bf16 a text may depend on which others share its batch


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_text_round_trips_and_its_answer_disturbs_no_other(lm, text):
    ids = lm.tokenizer(text)["input_ids"]
    if "<unk>" not in text:
        assert lm.tokenizer.unk_token_id not in ids
    assert lm.tokenizer.decode(ids[:-1]) == text
    plain = prompts.few_shot("#Person1#: I will come on Monday at 2:15.\n#Person2#: Fine.")
    config = generation.settings(12)
    (alone,) = generation.generate(lm, [plain], config, progress=False)
    beside, odd = generation.generate(lm, [plain, prompts.few_shot(text)], config, progress=False)
    assert alone
    assert beside == alone
    assert len(lm.tokenizer(odd, add_special_tokens=False)["input_ids"]) <= 12
    assert not set(lm.tokenizer.all_special_tokens) & set(odd.split())


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_empty_text_is_refused_in_one_sentence(lm, text):
    with pytest.raises(CourseError, match="hold text"):
        prompts.few_shot(text)
    with pytest.raises(CourseError, match="hold text"):
        generation.generate(lm, [text], progress=False)


def long_prompt(turns: int) -> str:
    talk = "\n".join(f"#Person{1 + i % 2}#: I will come on Monday at {i % 12 + 1}:15." for i in range(turns))
    return prompts.few_shot(talk)


def test_a_prompt_over_the_window_is_metered_and_read_to_its_end(lm, monkeypatch):
    prompt, write, read = long_prompt(100), lm.model.generate, []

    def recorded(input_ids, **options):
        read.append(input_ids.shape)
        return write(input_ids=input_ids, **options)

    monkeypatch.setattr(lm.model, "generate", recorded)
    meter = prompts.token_meter(lm.tokenizer, prompt, lm.context_window)
    (answer,) = generation.generate(lm, [prompt], generation.settings(4), progress=False)
    assert meter.free < 0
    assert read == [(1, meter.prompt_tokens)]
    assert answer


def test_a_prompt_of_ten_thousand_tokens_is_refused_in_one_sentence(lm):
    with pytest.raises(CourseError, match=r"Prompt 0 should have at most 6,144 tokens.* but it has 1\d,\d{3}: shorten"):
        generation.generate(lm, [long_prompt(650)], generation.settings(4), progress=False)
