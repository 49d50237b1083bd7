"""The generated crawl, the three small networks, and the gaps they are asked about."""

import random
from collections import Counter
from itertools import accumulate, pairwise

import pytest
import torch
import transformers

from utils import models
from utils.data import web_crawl
from utils.errors import CourseError
from utils.models import infilling, small_transformers, specs


@pytest.fixture(scope="module")
def codes():
    return small_transformers.special_tokens(models.load("course").tokenizer)


def test_a_crawl_is_the_same_twice_and_another_with_another_seed():
    assert web_crawl.pages(300, 1) == web_crawl.pages(300, 1)
    assert web_crawl.pages(300, 1) != web_crawl.pages(300, 2)
    assert len({page.url for page in web_crawl.pages(300)}) == 300


def test_a_crawl_holds_every_kind_near_its_share():
    counts = Counter(page.kind for page in web_crawl.pages(20_000))
    assert set(counts) == set(web_crawl.KINDS)
    for kind, share in web_crawl.SHARES.items():
        assert counts[kind] / 20_000 == pytest.approx(share, abs=4 * (share / 20_000) ** 0.5)


@pytest.mark.parametrize("count", [0, -3, 2.5])
def test_a_crawl_without_pages_is_refused(count):
    with pytest.raises(CourseError, match="positive number of pages"):
        web_crawl.pages(count)


def test_no_trusted_text_is_a_page_of_the_crawl():
    texts = {" ".join(web_crawl.sentence_lines(page.text).split()) for page in web_crawl.pages(20_000)}
    assert not texts & {" ".join(text.split()) for text in web_crawl.trusted_texts()}


def test_sentences_drops_menus_and_keeps_prose():
    assert (
        web_crawl.sentence_lines("Home\nLog in to read on\nThe cat is on the mat.\nNo cat.") == "The cat is on the mat."
    )


def test_a_small_gpt_has_the_parameters_of_the_formula_and_sees_no_future():
    net, spec = small_transformers.GPT(50, 12, 16, 3, heads=4), specs.decoder(16, 4, 3, 50, 12)
    assert sum(weight.numel() for weight in net.parameters()) == spec.parameters
    ids = torch.arange(12)[None]
    changed = ids.clone()
    changed[0, 8] = 40
    before, after = net(ids), net(changed)
    assert before.shape == (1, 12, 50)
    torch.testing.assert_close(before[:, :8], after[:, :8])
    assert not torch.allclose(before[:, 8], after[:, 8], atol=1e-4)


@pytest.mark.parametrize("name", small_transformers.ARCHITECTURES)
def test_a_network_has_about_a_million_parameters(name, codes):
    assert sum(p.numel() for p in small_transformers.SmallTransformer(name, codes).parameters()) == pytest.approx(
        1e6, rel=0.15
    )


def test_an_unknown_architecture_is_refused(codes):
    with pytest.raises(CourseError, match="must be one of"):
        small_transformers.SmallTransformer("recurrent", codes)


@pytest.mark.parametrize(("name", "moves"), [("encoder-only", True), ("decoder-only", False)])
def test_only_an_encoder_sees_the_right_side(name, moves, codes):
    net, ids = small_transformers.SmallTransformer(name, codes), torch.arange(300, 312)[None]
    changed = ids.clone()
    changed[0, -1] = 999
    assert torch.allclose(net(ids)[0, 5], net(changed)[0, 5], atol=1e-6) is not moves


def test_a_decoder_with_memory_sees_the_input_and_not_its_own_future(codes):
    net, x = (
        small_transformers.SmallTransformer("encoder-decoder", codes),
        torch.tensor([[300, codes.sentinels[0], 301]]),
    )
    y = torch.tensor([[codes.pad, codes.sentinels[0], 400, 401]])
    other_x, other_y = torch.where(x == 301, 302, x), torch.where(y == 401, 402, y)
    assert not torch.allclose(net(x, y)[0, 1], net(other_x, y)[0, 1], atol=1e-6)
    assert torch.allclose(net(x, y)[0, :3], net(x, other_y)[0, :3], atol=1e-6)


@pytest.mark.parametrize("length", [2, 5, 64, 568])
def test_random_spans_are_in_order_and_drop_15_percent(length):
    spans = infilling.random_spans(length, random.Random(length))
    ends = [0, *(end for span in spans for end in span), length]
    assert ends == sorted(ends)
    assert all(start < end for start, end in spans)
    assert sum(end - start for start, end in spans) == max(round(0.15 * length), 1)


def spans_of_the_bundled_recipe(length, rng):
    """As the recipe of the bundled model first drew them, written down again."""
    dropped = max(1, round(0.15 * length))
    count = max(1, round(dropped / 3))
    cuts = []
    for total in (length - dropped, dropped):
        borders = [0, *sorted(rng.sample(range(1, total), count - 1)), total]
        cuts.append([right - left for left, right in pairwise(borders)])
    ends = [0, *accumulate(size for pair in zip(*cuts, strict=True) for size in pair)]
    return list(zip(ends[1::2], ends[2::2], strict=True))


def test_spans_take_the_random_numbers_that_the_bundled_model_was_trained_with():
    ours, theirs, lengths = random.Random(0), random.Random(0), []
    for length in [*range(2, 40), *range(40, 400, 3)]:
        spans = infilling.random_spans(length, ours)
        assert spans == spans_of_the_bundled_recipe(length, theirs)
        lengths += [end - start for start, end in spans] if length >= 40 else []
    assert ours.getstate() == theirs.getstate()
    assert sum(lengths) / len(lengths) == pytest.approx(3, abs=0.1)


def test_568_tokens_become_512_and_114_as_in_t5():
    spans = infilling.random_spans(568, random.Random(0))
    dropped = sum(end - start for start, end in spans)
    assert (568 - dropped + len(spans) + 1, dropped + len(spans) + 1) == (512, 114)


def test_one_token_has_no_span():
    with pytest.raises(CourseError, match="Two or more tokens"):
        infilling.random_spans(1, random.Random(0))


@pytest.mark.parametrize("name", small_transformers.ARCHITECTURES)
def test_every_network_can_be_asked_everything(name, codes):
    net, ids = (
        small_transformers.SmallTransformer(name, codes).eval().requires_grad_(False),
        torch.randint(300, 900, (3, 20)),
    )
    rng = random.Random(0)
    assert infilling.fill_blank(net, ids, torch.tensor([4, 5, 6])).shape == (3,)
    assert infilling.continue_text(net, ids, 4).shape == (3, 4)
    spans = [infilling.random_spans(20, rng) for _ in range(3)]
    assert len(infilling.recover_spans(net, ids, spans)) == sum(map(len, spans))


def test_a_network_that_knows_the_text_gets_every_span(codes, monkeypatch):
    """A perfect encoder-decoder: it writes the target T5 asks for."""
    ids, spans = torch.arange(300, 320)[None], [[(3, 5), (9, 10)]]
    s = codes.sentinels
    target = [s[0], 303, 304, s[1], 309, s[2], codes.end, codes.end]
    net = small_transformers.SmallTransformer("encoder-decoder", codes)
    monkeypatch.setattr(infilling, "_last", lambda _, states: torch.tensor([[target[states.shape[1] - 1]]]))
    assert infilling.recover_spans(net, ids, spans) == [1.0, 1.0]
    target[1] = 999
    assert infilling.recover_spans(net, ids, spans) == [0.0, 1.0]


@pytest.mark.parametrize("kind", ["masked", "causal"])
def test_a_saved_encoder_or_decoder_loads_by_kind(kind, tmp_path):
    shape = {"vocab_size": len(models.load("course").tokenizer), "bos_token_id": 1, "eos_token_id": 1}
    if kind == "masked":
        config = transformers.BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, **shape)
        net = transformers.BertForMaskedLM(config)
    else:
        net = transformers.GPT2LMHeadModel(transformers.GPT2Config(n_embd=8, n_layer=1, n_head=2, **shape))
    net.save_pretrained(tmp_path)
    models.load("course").tokenizer.save_pretrained(tmp_path)
    loaded = models.load(tmp_path, precision="fp32", kind=kind)
    assert type(loaded.model) is type(net)
    assert loaded.parameters == sum(p.numel() for p in net.parameters())


def test_an_unknown_kind_is_refused():
    with pytest.raises(CourseError, match="kind must be one of"):
        models.load("course", kind="recurrent")


def test_a_linear_probe_finds_what_is_linear_and_nothing_in_noise():
    torch.manual_seed(0)
    states = torch.randn(400, 5)
    assert sum(infilling.linear_probe(states, states[:, 2] > 0, 1.0)) / 100 > 0.9
    assert 0.3 < sum(infilling.linear_probe(states, torch.arange(400) % 2)) / 100 < 0.7


def test_a_probe_without_pairs_is_refused():
    with pytest.raises(CourseError, match="Eight or more pairs"):
        infilling.linear_probe(torch.zeros(9, 2), torch.zeros(8))
