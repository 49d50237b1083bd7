"""ROUGE through a library, exact match, and bootstrap intervals over dialogues."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from utils.errors import CourseError

ROUGE_NAMES = ("rouge1", "rouge2", "rougeL")
# Resampled numbers held at once: 1 MB of them, and as much again for their places.
NUMBERS_AT_A_TIME = 2**17


@dataclass(frozen=True)
class Rouge:
    """F1 of one prediction, from 0 to 1: words, pairs of words, longest common subsequence."""

    rouge1: float
    rouge2: float
    rougeL: float


@dataclass(frozen=True)
class RougeTable:
    """F1 of N predictions, one array of shape (N,) per metric."""

    rouge1: np.ndarray = field(repr=False)
    rouge2: np.ndarray = field(repr=False)
    rougeL: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Interval:
    """A mean and the interval around it, in the unit of the values."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def rouge(prediction: str, references: str | Sequence[str]) -> Rouge:
    """Overlap with the reference; with several references the best of them, for each metric apart.

    F1 = 2·P·R / (P + R), with P and R the shares of the prediction's and the reference's units that match.
    Words are lower-cased, split at everything but a-z and 0-9, and stemmed (Porter), so "meets" matches "meet".
    Raises CourseError when there is no reference.

    >>> rouge("the cat sat", "the cat ran").rouge1 == 2 / 3
    True

    Source: Lin, ROUGE (2004); computed by the rouge-score library with use_stemmer=True.
    """
    references = _listed(references)
    scores = _scorer().score_multi(references, prediction)
    return Rouge(*(scores[name].fmeasure for name in ROUGE_NAMES))


def rouge_table(predictions: Sequence[str], references: Sequence[str | Sequence[str]]) -> RougeTable:
    """`rouge` of N predictions against their own references.

    Returns three arrays of shape (N,). Raises CourseError when the two lists differ in length.
    """
    _refuse_unequal(predictions, references)
    rows = [rouge(prediction, refs) for prediction, refs in zip(predictions, references, strict=True)]
    return RougeTable(*(np.array([getattr(row, name) for row in rows]) for name in ROUGE_NAMES))


def exact_match(predictions: Sequence[str], references: Sequence[str | Sequence[str]]) -> list[bool]:
    """Whether each prediction is one of its references, up to white space.

    >>> exact_match(["a  b", "A b"], ["a b", "a b"])
    [True, False]
    """
    _refuse_unequal(predictions, references)
    pairs = zip(predictions, references, strict=True)
    return [_spaced(prediction) in map(_spaced, _listed(refs)) for prediction, refs in pairs]


def bootstrap(values: Sequence[float], seed: int = 0, resamples: int = 2000, level: float = 0.95) -> Interval:
    """The mean of N values, one per dialogue, with a percentile interval.

    The N values are drawn again N times with replacement, `resamples` times over; the interval holds the middle
    `level` of the means. It speaks of other dialogues of this kind, not of other models or seeds.
    values: N ≥ 2 finite numbers. level: in (0, 1). Returns mean, low and high in the unit of the values; the same seed
    gives the same interval. Raises CourseError for fewer than two values, or one that is not finite.

    >>> bootstrap([0, 1])  # the four equally likely resamples have the means 0, 1/2, 1/2 and 1
    Interval(mean=0.5, low=0.0, high=1.0)

    Source: Efron, Bootstrap Methods (1979); drawn by scipy.stats.bootstrap.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise CourseError(
            f"An interval needs a flat list of two or more finite values, but {values.size} came in shape "
            f"{values.shape}: score more dialogues or look for missing scores."
        )
    if not 0 < level < 1 or resamples < 1:
        raise CourseError(f"level must lie in (0, 1) and resamples be 1 or more, but {level} and {resamples} came.")
    from scipy import stats

    drawn = stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=resamples,
        batch=max(1, NUMBERS_AT_A_TIME // len(values)),
        method="percentile",
        rng=np.random.default_rng(seed),
    )
    # scipy 1.17 weighs two neighbours as a(1 - t) + bt, by which the interval of equal values may miss their mean in
    # the last bit; numpy's a + (b - a)t does not.
    low, high = np.quantile(drawn.bootstrap_distribution, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(values.mean()), float(low), float(high))


def bootstrap_difference(
    a: Sequence[float], b: Sequence[float], seed: int = 0, resamples: int = 2000, level: float = 0.95
) -> Interval:
    """The mean of a - b over the same N dialogues, with its interval.

    The differences are drawn again, so that what makes a dialogue hard for both cancels.
    Raises CourseError when a and b differ in length, or as `bootstrap` does.
    """
    _refuse_unequal(a, b)
    return bootstrap(np.asarray(a, dtype=float) - np.asarray(b, dtype=float), seed, resamples, level)


@cache
def _scorer():
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(list(ROUGE_NAMES), use_stemmer=True)


def _listed(references: str | Sequence[str]) -> list[str]:
    references = [references] if isinstance(references, str) else list(references)
    if not references:
        raise CourseError("At least one reference summary was expected, but none came: pass the dialogue's references.")
    return references


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _refuse_unequal(a: Sequence, b: Sequence) -> None:
    if len(a) != len(b):
        raise CourseError(f"Two lists of one length were expected, but {len(a)} and {len(b)} came: pair them up.")
