"""Missing text, and how a small network of each architecture is asked for it.

An encoder-only network gets a mask for every missing token, a decoder-only one what stands before the gap, an
encoder-decoder a sentinel for every gap.
"""

import random
from collections.abc import Sequence
from itertools import chain, pairwise

import torch
from torch.nn import functional as F

from utils.errors import CourseError
from utils.models.small_transformers import SmallTransformer


def random_spans(length: int, rng: random.Random, density: float = 0.15, mean: float = 3.0) -> list[tuple[int, int]]:
    """(start, end) of the spans T5 drops from `length` tokens: round(length * density) tokens in all.

    Lengths of spans and of what stays between are drawn as random partitions; the first token always stays.
    Raises CourseError when fewer than two tokens came.
    Source: random_spans_noise_mask in the T5 code, preprocessors.py.
    """
    if length < 2:
        raise CourseError(f"Two or more tokens were expected, but {length} came: take a longer text.")
    dropped = min(max(round(length * density), 1), length - 1)
    count = min(max(round(dropped / mean), 1), length - dropped)
    ends = [0]
    for keep, drop in zip(_parts(length - dropped, count, rng), _parts(dropped, count, rng), strict=True):
        ends += [ends[-1] + keep, ends[-1] + keep + drop]
    return list(zip(ends[1::2], ends[2::2], strict=True))


def fill_blank(net: SmallTransformer, ids: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
    """One blank per row of ids (N, T), at the positions (N,): the token guessed, (N,).

    A decoder-only network sees only what stands before the blank.
    """
    rows = torch.arange(len(ids))
    if net.architecture == "decoder-only":
        return net.guess(ids)[rows, at - 1]
    hole = net.special.mask if net.architecture == "encoder-only" else net.special.sentinels[0]
    holed = ids.index_put((rows, at), torch.tensor(hole))
    if net.architecture == "encoder-only":
        return net.guess(holed)[rows, at]
    return net.guess(holed, _opening(net, len(ids)))[:, 1]


def continue_text(net: SmallTransformer, ids: torch.Tensor, steps: int) -> torch.Tensor:
    """(N, T) -> the next tokens (N, steps), greedily: an encoder fills a mask put at the end, again and again."""
    both = net.architecture == "encoder-decoder"
    made = _opening(net, len(ids)) if both else ids
    ids = torch.cat([ids, _column(net.special.sentinels[0], len(ids))], 1)
    for _ in range(steps):
        given = (
            torch.cat([made, _column(net.special.mask, len(ids))], 1) if net.architecture == "encoder-only" else made
        )
        states = net(ids, made) if both else net(given)
        made = torch.cat([made, _last(net, states)], 1)
    return made[:, -steps:]


def recover_spans(net: SmallTransformer, ids: torch.Tensor, spans: Sequence[Sequence[tuple[int, int]]]) -> list[float]:
    """1.0 or 0.0 for each dropped span, in order: whether the network gives it back exactly.

    An encoder gets one mask a token, so it is told the lengths; a decoder gets the lengths and all true text before the
    span; an encoder-decoder gets one sentinel a span and has to write everything itself.
    """
    if net.architecture == "encoder-decoder":
        return _recover_by_writing(net, ids, spans)
    hole = torch.zeros_like(ids, dtype=torch.bool)
    for row, gaps in enumerate(spans):
        for start, end in gaps:
            hole[row, start:end] = True
    masked = net.architecture == "encoder-only"
    guessed = net.guess(ids.masked_fill(hole, net.special.mask)) if masked else F.pad(net.guess(ids)[:, :-1], (1, 0))
    # Greedy writing from the left is right exactly when every single step is, given the true text before it.
    return [float((guessed == ids)[row, a:b].all()) for row, gaps in enumerate(spans) for a, b in gaps]


def linear_probe(states: torch.Tensor, answers: torch.Tensor, penalty: float = 10.0) -> list[float]:
    """1.0 or 0.0 for each of the last quarter: whether one linear layer, fitted to the rest, names its class.

    states: (N, D), frozen. answers: (N,) whole numbers or booleans. The layer is ridge regression on standardised
    states, in closed form, so the same states always give the same answer. Compare with the states of an untrained
    network: random features carry words too.
    Raises CourseError when states and answers differ in length, or are fewer than eight.
    """
    if len(states) != len(answers) or len(states) < 8:
        raise CourseError(
            f"Eight or more pairs were expected, but {len(states)} and {len(answers)} came: pair them up."
        )
    cut, y = len(states) * 3 // 4, F.one_hot(answers.long()).float()
    x = (states - states[:cut].mean(0)) / (states[:cut].std(0) + 1e-6)
    x = F.pad(x, (0, 1), value=1.0)  # (N, D + 1)
    weights = torch.linalg.solve(x[:cut].T @ x[:cut] + penalty * torch.eye(x.shape[1]), x[:cut].T @ y[:cut])
    return ((x[cut:] @ weights).argmax(-1) == answers[cut:]).float().tolist()


def _recover_by_writing(net: SmallTransformer, ids: torch.Tensor, spans) -> list[float]:
    inputs, wanted = [], []
    for row, gaps in zip(ids.tolist(), spans, strict=True):
        ends, marks = [0, *(end for _, end in gaps)], net.special.sentinels
        kept = [[*row[ends[i] : start], marks[i]] for i, (start, _) in enumerate(gaps)]
        inputs.append([*chain(*kept), *row[ends[-1] :]])
        wanted.append([(marks[i], *row[a:b], marks[i + 1]) for i, (a, b) in enumerate(gaps)])
    x, made = torch.tensor(inputs), _column(net.special.pad, len(ids))
    for _ in range(max(sum(map(len, row)) for row in wanted)):
        made = torch.cat([made, _last(net, net(x, made))], 1)
    said = [f" {' '.join(map(str, row))} " for row in made.tolist()]
    return [float(f" {' '.join(map(str, s))} " in text) for text, row in zip(said, wanted, strict=True) for s in row]


def _last(net: SmallTransformer, states: torch.Tensor) -> torch.Tensor:
    """The likeliest token at the last position, (N, 1); logits elsewhere would be thrown away."""
    return net.logits(states[:, -1:]).argmax(-1)


def _parts(total: int, count: int, rng: random.Random) -> list[int]:
    return [b - a for a, b in pairwise([0, *sorted(rng.sample(range(1, total), count - 1)), total])]


def _column(token: int, rows: int) -> torch.Tensor:
    return torch.full((rows, 1), token)


def _opening(net: SmallTransformer, rows: int) -> torch.Tensor:
    return torch.cat([_column(net.special.pad, rows), _column(net.special.sentinels[0], rows)], 1)
