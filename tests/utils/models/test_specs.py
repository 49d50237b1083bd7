"""Shapes of named models: the formula by hand, against published counts, and against transformers' own models."""

import pytest

from utils.errors import CourseError
from utils.models import from_spec, published, registry, specs

# Share of the published figure by which the recomputed count may differ: half a unit of the last digit given.
LARGEST_GAP = {"Transformer-base": 0.03, "GPT-2-XL": 0.039, "T5-11B": 0.028, "T5-base": 0.014, "BERT-large": 0.015}
NAMES = sorted(published.MODELS)
BUILT = [name for name in NAMES if published.MODELS[name].family.name]
LECTURES = {
    "BERT-base", "RoBERTa-base", "BART-base", "T5-base", "FLAN-T5-base", "GPT-2", "GPT-3", "OPT-175B", "BLOOM",
    "LLaMA-65B", "Chinchilla", "Gopher", "MT-NLG-530B", "Jurassic-1", "BloombergGPT",
}  # fmt: skip


def test_every_model_of_the_lectures_has_a_shape():
    assert set(NAMES) >= LECTURES
    assert len(published.SPECS) == len(published.MODELS)


@pytest.mark.parametrize("name", NAMES)
def test_count_is_near_the_published_one_and_the_gap_is_explained(name):
    spec = published.MODELS[name]
    assert abs(spec.parameters / spec.published - 1) < LARGEST_GAP.get(name, 0.01)
    assert spec.source
    assert spec.gap
    assert spec.heads * spec.d_head >= spec.d_model or spec.name == "T5-small"


@pytest.mark.parametrize("name", BUILT)
def test_count_equals_that_of_the_model_transformers_builds(name):
    spec = published.MODELS[name]
    assert from_spec.count_parameters(spec) == spec.parameters


def test_family_without_a_class_is_refused():
    with pytest.raises(CourseError, match="transformers should have a class for Gopher"):
        from_spec.count_parameters(published.MODELS["Gopher"])


def test_a_block_by_hand():
    sizes = {"d_model": 4, "d_ff": 8, "heads": 2, "d_head": 2, "vocabulary": 10, "context_window": 6}
    one = specs.ModelSpec("one", specs.GPT, **sizes, encoder_layers=0, decoder_layers=1, source="here")
    assert one.kind == "decoder-only"
    assert one.parts == specs.Parts(
        embedding=40, positions=0, attention=4 * 16 + 16, feed_forward=2 * 32 + 12, norms=3 * 8, extra=0
    )
    both = specs.ModelSpec("both", published.T5_V11, **sizes, encoder_layers=1, decoder_layers=1, source="here")
    assert both.kind == "encoder-decoder"
    assert (both.parts.attention, both.parts.feed_forward, both.parts.norms) == (3 * 64, 2 * 96, 7 * 4)


def test_heads_that_share_keys_by_hand():
    sizes = {"d_model": 4, "d_ff": 8, "heads": 4, "d_head": 2, "vocabulary": 10, "context_window": 6}
    one = specs.ModelSpec(
        "one", published.QWEN3, **sizes, encoder_layers=0, decoder_layers=1, source="here", kv_heads=2
    )
    assert one.parts == specs.Parts(
        embedding=40, positions=0, attention=2 * 4 * 8 + 2 * 4 * 4, feed_forward=3 * 32, norms=3 * 4 + 2 * 2, extra=0
    )


def test_heads_do_not_change_the_count_while_their_total_width_stays():
    bert = published.MODELS["BERT-base"]
    sizes = {field: getattr(bert, field) for field in ("d_model", "d_ff", "vocabulary", "context_window", "source")}
    counts = {
        specs.ModelSpec(
            "h", published.BERT, heads=h, d_head=768 // h, encoder_layers=12, decoder_layers=0, **sizes
        ).parameters
        for h in (1, 12, 96)
    }
    assert len(counts) == 1


def test_names_of_shapes():
    assert registry.spec("google/flan-t5-base") is registry.spec("FLAN-T5-base") is registry.FLAN_T5_BASE
    with pytest.raises(CourseError, match="The shapes known are course, "):
        registry.spec("GPT-5")
