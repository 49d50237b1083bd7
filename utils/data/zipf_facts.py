"""A language whose entropy is known, so that a fitted scaling law can be judged against the truth.

A fact is a key of three symbols and the value that follows. Keys are drawn by Zipf's law, P(rank r) ∝ r^-s; each key
has one value, which a random symbol replaces with probability NOISE. No model can predict the value better than the
noise allows, so that entropy is the irreducible loss. Whoever knows the n commonest keys misses a share of about
n^-(s - 1) of all facts: with n in proportion to parameters, the law's alpha is s - 1; after D facts about D^(1/s) keys
have been met, so beta is (s - 1) / s.
"""

import math
from functools import cached_property
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

SYMBOLS, KEY_LENGTH = 64, 3
KEYS = SYMBOLS**KEY_LENGTH
EXPONENT, NOISE = 1.7, 0.2
ALPHA, BETA = EXPONENT - 1, (EXPONENT - 1) / EXPONENT
# 8,192 keys judged one by one and 8,192 strata of the others stand for all 262,144 in a sixteenth of the time.
EXACT_KEYS = STRATA = 8192


def entropy() -> float:
    """Nats per value that no model can save: the entropy of the noise.

    H = -p ln p - (SYMBOLS - 1) q ln q, with q = NOISE / SYMBOLS and p = 1 - NOISE + q.

    >>> round(entropy(), 4)
    1.3117
    """
    other = NOISE / SYMBOLS
    own = 1 - NOISE + other
    return -(own * math.log(own) + (SYMBOLS - 1) * other * math.log(other))


class Facts(NamedTuple):
    """keys: (B, 3) symbols. values: (B,) symbols."""

    keys: torch.Tensor
    values: torch.Tensor


class Language:
    """A distribution over facts, drawn once from a seed.

    keys: (KEYS, 3) symbols, the commonest key first. values: (KEYS,), the value of each. frequencies, cumulative:
    (KEYS,) float64, the probability of each key and of all up to it; they sum to 1.
    """

    def __init__(self, seed: int = 0):
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(KEYS, generator=generator)
        self.keys = torch.stack([order // SYMBOLS**place % SYMBOLS for place in range(KEY_LENGTH)], 1)
        self.values = torch.randint(SYMBOLS, (KEYS,), generator=generator)
        weights = torch.arange(1, KEYS + 1, dtype=torch.float64) ** -EXPONENT
        self.frequencies = weights / weights.sum()
        self.cumulative = self.frequencies.cumsum(0)

    def sample(self, count: int, generator: torch.Generator) -> Facts:
        """`count` facts, noise included; the generator decides which."""
        ranks = torch.searchsorted(self.cumulative, torch.rand(count, generator=generator, dtype=torch.float64))
        ranks = ranks.clamp(max=KEYS - 1)  # rounding may leave the last cumulative frequency a little below 1
        noisy = torch.rand(count, generator=generator) < NOISE
        random = torch.randint(SYMBOLS, (count,), generator=generator)
        return Facts(self.keys[ranks], torch.where(noisy, random, self.values[ranks]))

    @cached_property
    def _evaluation_keys(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Ranks and weights: the commonest keys one by one, then the middle key of each stratum with its whole weight.

        Strata are equally wide in log rank, as a power law asks for.
        """
        steps = torch.linspace(0, 1, STRATA + 1, dtype=torch.float64)
        edges = (EXACT_KEYS * (KEYS / EXACT_KEYS) ** steps).round().long()
        mass = torch.cat([torch.zeros(1, dtype=torch.float64), self.cumulative])
        strata = mass[edges[1:]] - mass[edges[:-1]]
        middles = ((edges[:-1] + edges[1:]) // 2).clamp(max=KEYS - 1)
        return torch.cat([torch.arange(EXACT_KEYS), middles]), torch.cat([self.frequencies[:EXACT_KEYS], strata])

    @torch.no_grad()
    def expected_loss(self, model: nn.Module) -> float:
        """Expected cross-entropy in nats per value: no facts are sampled, values and noise are summed exactly."""
        ranks, weights = self._evaluation_keys
        log_p = F.log_softmax(model(self.keys[ranks]), -1)
        own = log_p.gather(1, self.values[ranks, None])[:, 0]
        surprise = -((1 - NOISE) * own + NOISE * log_p.mean(1))
        return float((weights * surprise.double()).sum())
