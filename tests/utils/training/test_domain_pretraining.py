"""Pre-training on mixtures: blocks, the same start for the same seed, a loss that falls, answers by likelihood."""

import pytest
import torch

from utils.data import domains
from utils.data.domains import MultipleChoice
from utils.errors import CourseError
from utils.training import domain_pretraining

TEXTS = [f"Shares {word}. People felt {mood}." for word in ("rose", "fell", "held") for mood in ("glad", "sorry")] * 40


def test_blocks_keep_every_token_in_order():
    tokenizer = domain_pretraining.train_bpe(TEXTS, 300)
    made = domain_pretraining.blocks(tokenizer, TEXTS, 16)
    stream = [i for text in TEXTS for i in (tokenizer.token_to_id(domain_pretraining.END), *tokenizer.encode(text).ids)]
    assert made.flatten().tolist() == stream[: len(stream) // 16 * 16]
    with pytest.raises(CourseError, match="fill a block of 64"):
        domain_pretraining.blocks(tokenizer, ["a"])


def test_pieces_cover_any_text():
    tokenizer = domain_pretraining.train_bpe(TEXTS, 300)
    for text in ("naïve € 雪", "Shares rose."):
        assert len("".join(tokenizer.encode(text).tokens)) == len(text.encode())
    with pytest.raises(CourseError, match="size must be a whole number of at least 258"):
        domain_pretraining.train_bpe(TEXTS, 100)


def test_the_shape_counts_what_is_built_and_a_seed_fixes_the_weights():
    one, same, other = (
        domain_pretraining.untrained(domain_pretraining.bloom_spec(32, 1, 300), seed) for seed in (1, 1, 2)
    )
    assert sum(p.numel() for p in one.parameters()) == domain_pretraining.bloom_spec(32, 1, 300).parameters
    pairs = list(zip(one.parameters(), same.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in pairs)
    assert not all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_training_lowers_the_loss_and_answers_follow():
    texts = ["Profit up. Shares rose.", "Rates fell."] * 200
    tokenizer = domain_pretraining.train_bpe(texts, 300)
    text, net = (
        domain_pretraining.blocks(tokenizer, texts, 16),
        domain_pretraining.untrained(domain_pretraining.bloom_spec(32, 1, 300)),
    )
    before = sum(domain_pretraining.losses(net, text)) / len(text)
    assert domain_pretraining.pretrain(net, text, peak=2e-2) > 0
    assert sum(domain_pretraining.losses(net, text)) / len(text) < before / 2
    items = [MultipleChoice("Profit up. Shares", (" rose", " fell"), 0), MultipleChoice("Rates", (" rose", " fell"), 0)]
    assert domain_pretraining.accuracy(net, tokenizer, items) == [1.0, 0.0]
    with pytest.raises(CourseError, match="' quixotic' should be one token"):
        domain_pretraining.accuracy(net, tokenizer, [MultipleChoice("Shares", (" rose", " quixotic"), 0)])


def test_every_choice_of_the_corpora_is_one_piece():
    tokenizer = domain_pretraining.train_bpe(domains.texts("general") + domains.texts("finance"))
    choices = {c for name in domains.NAMES for make in (domains.sentiment_items, domains.entity_items)
               for c in make(name)[0].choices}  # fmt: skip
    assert all(len(tokenizer.encode(choice).ids) == 1 for choice in choices)
