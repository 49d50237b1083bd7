"""The memory calculator: against published figures, by invariants, and against real training steps."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.costs import measured_memory, memory
from utils.errors import CourseError
from utils.models import published, specs
from utils.units import PRECISION_BYTES

GPT = specs.decoder(d_model=64, heads=4, layers=3, vocabulary=512, context_window=64)
LLAMA = replace(GPT, family=published.LLAMA, d_ff=192, position_rows=0, tied=False)
GROUPED = replace(LLAMA, kv_heads=2)
QWEN = replace(GROUPED, family=published.QWEN3, tied=True)
T5 = replace(GPT, family=published.T5_V11, d_ff=192, encoder_layers=2, position_rows=0, position_buckets=32)
# A step whose activations, gradients and states all weigh: resident memory then says something about each.
STEP = specs.decoder(d_model=256, heads=4, layers=4, vocabulary=2048, context_window=256)

sizes = st.integers(1, 10**6)
workers = st.integers(1, 70)
precisions = st.sampled_from(sorted(PRECISION_BYTES))


def test_bytes_per_parameter_are_those_of_the_papers():
    assert memory.states(10**9).total == 16e9
    assert memory.states(10**9, "mixed").total == 16e9  # Rajbhandari et al. 2020, section 3.1
    assert memory.states(10**9, "autocast").total == 16e9
    assert memory.slide(10**9).total == 24e9
    assert memory.slide(175 * 10**9).total == 4200e9
    assert memory.slide(500 * 10**9).total == 12_000e9


@pytest.mark.parametrize(("stage", "gigabytes"), [(0, 120), (1, 31.4), (2, 16.6), (3, 1.9)])
def test_stages_of_the_7_5_billion_example(stage, gigabytes):
    """Rajbhandari et al. 2020, figure 1: 7.5 B parameters, 64 workers, mixed precision."""
    on_one = memory.states(7_500_000_000, "mixed", zero_stage=stage, world_size=64).total / 1e9
    assert on_one == pytest.approx(gigabytes, abs=0.05)


def test_bloom_checkpoints_have_the_published_sizes():
    """BigScience's notes on BLOOM: 329 GiB of bf16 weights; with master copy and moments 2.3 TiB."""
    bloom = published.MODELS["BLOOM"].parameters
    mixed = memory.states(bloom, "mixed")
    assert mixed.parameters / 2**30 == pytest.approx(329, abs=1)
    assert (mixed.parameters + mixed.optimizer) / 2**40 == pytest.approx(2.3, abs=0.1)


@given(sizes, workers, precisions)
def test_shards_of_all_ranks_hold_the_whole(parameters, world_size, precision):
    whole = memory.states(parameters, precision)
    shard = memory.states(parameters, precision, zero_stage=3, world_size=world_size)
    assert whole.total <= world_size * shard.total < whole.total + world_size * 16


@given(sizes, workers, precisions)
def test_each_stage_shards_one_part_more(parameters, world_size, precision):
    stages = [memory.states(parameters, precision, zero_stage=stage, world_size=world_size) for stage in range(4)]
    for part, first in {"optimizer": 1, "gradients": 2, "parameters": 3}.items():
        kept = [getattr(state, part) for state in stages]
        assert len(set(kept[:first])) == 1
        assert len(set(kept[first:])) == 1
        assert kept[first] <= kept[0]


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 9))), workers)
def test_rows_of_all_ranks_are_all_rows(tensors, world_size):
    held = [memory.row_shard(tensors, world_size, rank) for rank in range(world_size)]
    assert sum(held) == sum(rows * columns for rows, columns in tensors)
    assert held == sorted(held, reverse=True)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 9)), min_size=1), workers)
def test_rows_are_cut_as_torch_cuts_them(tensors, world_size):
    import torch

    for rank in range(world_size):
        chunks = [torch.empty(size).chunk(world_size) for size in tensors]
        entries = sum(parts[rank].numel() for parts in chunks if rank < len(parts))
        assert memory.row_shard(tensors, world_size, rank) == entries


def test_a_ring_sends_twice_as_much_to_reduce_as_to_gather():
    assert [memory.ring_bytes(800, workers) for workers in (1, 2, 4, 8)] == [0, 800, 1200, 1400]
    for collective in ("reduce_scatter", "all_gather"):
        assert memory.ring_bytes(800, 4, collective) == 600


@pytest.mark.parametrize("spec", [GPT, LLAMA, T5], ids=lambda spec: spec.family.name)
def test_activations_grow_with_the_batch_and_not_with_the_vocabulary_only(spec):
    one, four = (memory.activations(spec, batch, 64, 32) for batch in (1, 4))
    assert four.total == 4 * one.total
    deeper = replace(spec, decoder_layers=2 * spec.decoder_layers, encoder_layers=2 * spec.encoder_layers)
    assert memory.activations(deeper, 1, 64, 32).layers == 2 * one.layers
    assert memory.activations(spec, 4, 64, 32, checkpointing=True).total < four.total


def test_gpt2_keeps_some_forty_bytes_per_parameter_at_batch_32():
    """Rajbhandari et al. 2020, section 3.2: about 60 GB in 16 bits, 12 numbers for each layer, token and unit of width.

    The classes of transformers keep 16. With checkpointing they say about 8 GB; one layer stands beside the inputs.
    """
    spec = published.MODELS["GPT-2-XL"]
    layers = memory.activations(spec, 32, 1024, precision="mixed").layers
    assert layers / 60e9 == pytest.approx(16 / 12, rel=0.02)
    inputs = memory.activations(spec, 32, 1024, precision="mixed", checkpointing=True).layers
    assert (inputs + layers / 48) / 8e9 == pytest.approx(1, abs=0.2)


SAVING = {"gpt2": GPT, "llama": LLAMA, "llama, shared keys": GROUPED, "qwen3": QWEN, "t5": T5}


@pytest.mark.parametrize("spec", SAVING.values(), ids=SAVING)
@pytest.mark.parametrize("precision", measured_memory.MEASURED_PRECISIONS)
def test_activations_equal_the_tensors_that_torch_saves(spec, precision):
    job = measured_memory.Step(batch=4, tokens=64, target_tokens=32 if spec.encoder_layers else 0, precision=precision)
    saved = measured_memory.saved_bytes(measured_memory.untrained(spec, job), job)
    step = memory.training(spec, 4, 64, job.target_tokens, precision)
    assert saved == pytest.approx(step.activations + step.gathered, rel=0.02 if spec is GPT else 0.1)


@pytest.mark.parametrize("more", [{}, {"precision": "autocast"}, {"checkpointing": True}, {"accumulation": 2}], ids=str)
@pytest.mark.slow
def test_peak_of_a_real_step_is_within_15_percent(more):
    measured = measured_memory.measure(STEP, 8, 256, **more)
    accumulated = more.pop("accumulation", 1) > 1
    step = memory.training(STEP, 8, 256, **more)
    assert measured.parameters == step.parameters
    assert measured.gradients == step.gradients
    assert measured.optimizer == step.optimizer
    assert measured.peak == pytest.approx(step.total if accumulated else step.peak, rel=0.15)


@pytest.mark.parametrize("stage", [0, 1, 2, 3])
def test_the_least_number_of_ranks_fits_and_one_less_does_not(stage):
    spec = published.MODELS["GPT-2-XL"]
    for room in (20e9, 30e9, 80e9):
        ranks = memory.ranks_needed(room, spec, 1, 1024, precision="mixed", zero_stage=stage)
        whole = memory.training(spec, 1, 1024, precision="mixed", zero_stage=stage, world_size=memory.MOST_RANKS)
        if ranks is None:
            assert whole.peak > room
            continue
        step = {"precision": "mixed", "zero_stage": stage}
        assert memory.training(spec, 1, 1024, world_size=ranks, **step).peak <= room
        assert ranks == 1 or memory.training(spec, 1, 1024, world_size=ranks - 1, **step).peak > room
    assert memory.ranks_needed(1e9, spec, 1, 1024) is None


def test_generating_holds_weights_and_cache():
    """By hand: GPT-3 in 16 bits has 2 bytes a weight; one text of 2,048 tokens keeps 9.66 GB."""
    spec = published.MODELS["GPT-3"]
    held = memory.inference(spec, 1, 2048)
    assert (held.weights, held.cache) == (2 * spec.parameters, 9_663_676_416)
    assert held.total == held.weights + held.cache
    assert memory.inference(spec, 1, 2048, weights="int4", cache="int8").total * 4 < held.total * 1.5


def test_bundled_steps_are_near_the_formula():
    steps = measured_memory.bundled_steps()
    assert len(steps) >= 10
    for row in steps:
        job = row.step
        formula = memory.training(
            row.spec, job.batch, job.tokens, job.target_tokens, job.precision, checkpointing=job.checkpointing
        )
        assert row.measured.parameters == formula.parameters
        assert row.measured.optimizer == formula.optimizer
        assert row.measured.peak == pytest.approx(formula.peak, rel=0.2)


def test_kv_cache_is_what_generation_keeps():
    import torch
    from transformers import DynamicCache

    from utils.models import from_spec

    cache = DynamicCache()
    model = from_spec.build(GPT, "cpu").eval()
    with torch.no_grad():
        model(torch.zeros(2, 10, dtype=torch.long), past_key_values=cache, use_cache=True)
    kept = sum(layer.keys.nbytes + layer.values.nbytes for layer in cache.layers)
    assert memory.kv_cache(GPT, batch=2, tokens=10, dtype="fp32") == kept
    assert memory.kv_cache(T5, 1, 10, prompt_tokens=30) == 4 * memory.kv_cache(T5, 1, 10)
    llama = published.MODELS["Llama-3.1-8B"]  # 8 heads of keys for 32 of queries
    assert 4 * memory.kv_cache(llama, 1, 10) == memory.kv_cache(replace(llama, kv_heads=0), 1, 10)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: memory.states(1, world_size=0), "world_size must be a whole number of at least 1, but 0 came"),
        (lambda: memory.states(0), "parameters must be a whole number"),
        (lambda: memory.states(1, "fp12"), "The precision must be one of fp32, autocast, mixed, bf16, but 'fp12' came"),
        (lambda: memory.states(1, optimizer="lion"), "The optimizer must be one of adam, momentum, sgd"),
        (lambda: memory.states(1, zero_stage=4), "The ZeRO stage must be 0, 1, 2 or 3, but 4 came"),
        (lambda: memory.row_shard([(2, 2)], 2, 2), "The rank must be from 0 to 1, but 2 came"),
        (lambda: memory.ring_bytes(8, 2, "gossip"), "The collective must be one of"),
        (lambda: memory.training(GPT, 0, 8), "batch must be a whole number"),
        (lambda: memory.training(T5, 1, 8), "target_tokens must be a whole number of at least 1, but 0 came"),
        (lambda: memory.kv_cache(GPT, 1, 8, dtype="int3"), "A number type must be one of"),
        (
            lambda: specs.decoder(64, 5, 1, 10, 10),
            "The heads must divide the width, but 5 heads came for a width of 64",
        ),
        (
            lambda: measured_memory.measure(GPT, 1, 8, precision="fp64"),
            "The precision must be one of fp32, autocast, bf16",
        ),
        (lambda: measured_memory.measure(published.MODELS["Gopher"], 1, 8), "The family must be one of"),
        (
            lambda: measured_memory.measure(GPT, 1, 100_000),
            "A training step should have been measured, but its process failed",
        ),
    ],
)
@pytest.mark.slow
def test_bad_input_gets_a_sentence(call, sentence):
    with pytest.raises(CourseError, match=sentence):
        call()
