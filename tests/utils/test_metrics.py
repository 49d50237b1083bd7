"""ROUGE by hand and against an independent implementation; bootstrap against theory; exact match."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils import metrics
from utils.errors import CourseError

# At most three letters: the stemmer leaves such words alone.
words = st.lists(st.sampled_from(("a", "bo", "cat", "dog", "ear", "fig", "gap")), max_size=9)


def f1(matches: int, predicted: int, reference: int) -> float:
    return 2 * matches / (predicted + reference) if matches else 0.0


def common_subsequence(a: list[str], b: list[str]) -> int:
    """Longest common subsequence by recursion on the last words, without a table."""
    if not a or not b:
        return 0
    if a[-1] == b[-1]:
        return 1 + common_subsequence(a[:-1], b[:-1])
    return max(common_subsequence(a[:-1], b), common_subsequence(a, b[:-1]))


def overlap(a: list, b: list) -> float:
    return f1(sum((Counter(a) & Counter(b)).values()), len(a), len(b))


def test_rouge_by_hand():
    # the, cat, sat, on: 4 of 6 predicted words match; 4 of 5 reference words: 2·4 / (6 + 5).
    score = metrics.rouge("the cat sat on the mat", "the black cat sat on")
    assert score.rouge1 == pytest.approx(8 / 11)
    # (cat sat), (sat on): 2 of 5 pairs and 2 of 4 pairs.
    assert score.rouge2 == pytest.approx(4 / 9)
    assert score.rougeL == pytest.approx(8 / 11)


def test_order_matters_to_rouge_l_only():
    score = metrics.rouge("sat cat the", "the cat sat")
    assert (score.rouge1, score.rouge2) == (1.0, 0.0)
    assert score.rougeL == pytest.approx(1 / 3)


def test_words_are_stemmed_and_speaker_tags_are_words():
    assert metrics.rouge("meetings", "meeting").rouge1 == 1.0
    assert metrics.rouge("#Person1#", "person1").rouge1 == 1.0


@given(words, words)
def test_rouge_against_independent_implementation(prediction, reference):
    score = metrics.rouge(" ".join(prediction), " ".join(reference))
    pairs = [list(pairwise(text)) for text in (prediction, reference)]
    longest = f1(common_subsequence(prediction, reference), len(prediction), len(reference))
    assert score.rouge1 == pytest.approx(overlap(prediction, reference))
    assert score.rouge2 == pytest.approx(overlap(*pairs))
    assert score.rougeL == pytest.approx(longest)


@given(words, st.lists(words, min_size=1, max_size=3))
def test_several_references_give_the_best_of_each_metric(prediction, references):
    prediction, references = " ".join(prediction), [" ".join(reference) for reference in references]
    best = metrics.rouge(prediction, references)
    alone = [metrics.rouge(prediction, reference) for reference in references]
    for name in metrics.ROUGE_NAMES:
        assert getattr(best, name) == max(getattr(score, name) for score in alone)


def test_table_holds_one_row_per_prediction():
    table = metrics.rouge_table(["the cat", "dog"], [["a cat", "the cat"], "cat"])
    assert table.rouge1.tolist() == [1.0, 0.0]
    assert table.rougeL.shape == (2,)


@pytest.mark.parametrize(
    "call",
    [
        lambda: metrics.rouge("a", []),
        lambda: metrics.rouge_table(["a"], []),
        lambda: metrics.exact_match(["a"], ["a", "b"]),
        lambda: metrics.bootstrap([1.0]),
        lambda: metrics.bootstrap([1.0, float("nan")]),
        lambda: metrics.bootstrap([[1.0, 2.0]]),
        lambda: metrics.bootstrap([1.0, 2.0], level=95),
        lambda: metrics.bootstrap_difference([1.0, 2.0], [1.0]),
    ],
)
def test_impossible_input_is_told_in_a_sentence(call):
    with pytest.raises(CourseError, match="came"):
        call()


def test_exact_match_ignores_only_white_space():
    got = metrics.exact_match([" a\n b ", "A b", "b", ""], ["a b", "a b", ["a", "b"], " "])
    assert got == [True, False, True, True]


def test_bootstrap_of_two_values_by_hand():
    # The four resamples of (0, 1) have means 0, ½, ½, 1.
    assert metrics.bootstrap([0, 1]) == metrics.Interval(0.5, 0.0, 1.0)
    assert metrics.bootstrap([0, 1], level=0.4) == metrics.Interval(0.5, 0.5, 0.5)


@pytest.mark.parametrize("size", [2, 7, 500, 20_000])
def test_bootstrap_draws_as_one_generator_does_whatever_fits_in_a_batch(size):
    values = np.random.default_rng(size).normal(size=size)
    rng = np.random.default_rng(3)
    means = [values[rng.integers(size, size=size)].mean() for _ in range(20)]
    low, high = np.quantile(means, [0.025, 0.975])
    assert metrics.bootstrap(values, 3, resamples=20) == metrics.Interval(values.mean(), low, high)


@given(st.floats(-5, 5), st.integers(2, 300))
def test_interval_of_equal_values_is_their_mean(value, count):
    found = metrics.bootstrap([value] * count, resamples=30)
    assert found.low == found.mean == found.high


def test_bootstrap_agrees_with_the_normal_interval():
    values = np.random.default_rng(0).normal(3, 2, size=400)
    got = metrics.bootstrap(values)
    half = 1.96 * values.std(ddof=1) / 20
    assert got.mean == pytest.approx(values.mean())
    assert (got.low, got.high) == pytest.approx((got.mean - half, got.mean + half), abs=0.03)


def test_bootstrap_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    samples = (rng.normal(size=60) for _ in range(200))
    intervals = [metrics.bootstrap(sample, seed, resamples=400) for seed, sample in enumerate(samples)]
    hits = sum(interval.low <= 0 <= interval.high for interval in intervals)
    assert 0.90 <= hits / 200 <= 0.98


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=20), st.floats(-3, 3), st.integers(0, 5))
def test_bootstrap_shifts_and_scales_with_its_values(values, shift, seed):
    plain = metrics.bootstrap(values, seed, resamples=50)
    moved = metrics.bootstrap([2 * value + shift for value in values], seed, resamples=50)
    expected = [2 * number + shift for number in (plain.mean, plain.low, plain.high)]
    assert [moved.mean, moved.low, moved.high] == pytest.approx(expected, abs=1e-9)
    assert plain == metrics.bootstrap(values, seed, resamples=50)


def test_pairing_removes_what_both_share():
    rng = np.random.default_rng(2)
    hard = rng.normal(0, 10, size=100)
    a, b = hard + 0.5 + rng.normal(0, 0.1, 100), hard + rng.normal(0, 0.1, 100)
    paired = metrics.bootstrap_difference(a, b)
    assert 0.4 < paired.low < 0.5 < paired.high < 0.6
    assert metrics.bootstrap(a).high - metrics.bootstrap(a).low > 1
    swapped = metrics.bootstrap_difference(b, a)
    assert (swapped.mean, swapped.low) == pytest.approx((-paired.mean, -paired.high), abs=0.02)


def test_interval_prints_in_one_convention():
    assert str(metrics.Interval(0.5, 0.25, 0.75)) == "0.500 [0.250, 0.750]"
