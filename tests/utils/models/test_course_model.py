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
    return models.load("course")


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_text_round_trips_and_gets_an_answer(lm, text):
    ids = lm.tokenizer(text)["input_ids"]
    if "<unk>" not in text:
        assert lm.tokenizer.unk_token_id not in ids
    assert lm.tokenizer.decode(ids[:-1]) == text
    (answer,) = generation.generate(lm, [prompts.few_shot(text)], progress=False)
    assert isinstance(answer, str)


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_empty_text_is_refused_in_one_sentence(lm, text):
    with pytest.raises(CourseError, match="hold text"):
        prompts.few_shot(text)
    with pytest.raises(CourseError, match="hold text"):
        generation.generate(lm, [text], progress=False)


def long_prompt(turns: int) -> str:
    talk = "\n".join(f"#Person{1 + i % 2}#: I will come on Monday at {i % 12 + 1}:15." for i in range(turns))
    return prompts.few_shot(talk)


def test_a_prompt_over_the_window_is_metered_and_read(lm):
    prompt = long_prompt(100)
    assert not prompts.token_meter(lm.tokenizer, prompt, lm.context_window).fits
    (answer,) = generation.generate(lm, [prompt], generation.settings(4), progress=False)
    assert isinstance(answer, str)


def test_a_prompt_of_ten_thousand_tokens_is_refused_in_one_sentence(lm):
    with pytest.raises(CourseError, match=r"Prompt 0 should have at most 6,144 tokens.* but it has 1\d,\d{3}: shorten"):
        generation.generate(lm, [long_prompt(650)], generation.settings(4), progress=False)
