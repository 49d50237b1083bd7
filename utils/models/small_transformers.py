"""A small GPT, and one small transformer for each architecture.

`GPT` has learned positions; the lab on distributed training and the sweep of the scaling law train it.

`SmallTransformer` is an encoder, a decoder or both, with one attention for all. A fixed penalty grows with the distance
between two tokens, as in ALiBi; where both sides are visible, half of the heads prefer the left and half the right.
Cross-attention counts the distance from the place of the latest sentinel, as GLM's positions do. So a network of a
million parameters learns something in seconds on a CPU.

Source: Radford et al., Language Models are Unsupervised Multitask Learners (2019), section 2.3, for `GPT`; Press et
al., Train Short, Test Long (2022), and Du et al., GLM (2022), for `SmallTransformer`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from utils.errors import CourseError

ARCHITECTURES = {"encoder-only": (2, 0), "decoder-only": (0, 2), "encoder-decoder": (1, 1)}
HEADS, WIDTH = 4, 128
SLOPES, SIDES = (1.0, 1.0, 0.5, 0.5), (1, -1, 1, -1)
OTHER_SIDE = 4.0


class Block(nn.Module):
    """Causal self-attention and an MLP of four times the width, with a layer norm before each; x + f(norm(x)) twice.

    linear: makes a matrix from its numbers of inputs and outputs; the four are made in the order in which x meets them.
    approximate: the form of GELU, as in `F.gelu`.
    """

    def __init__(self, width: int, heads: int, linear: Callable[[int, int], nn.Linear], approximate: str):
        super().__init__()
        self.heads, self.approximate = heads, approximate
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = linear(width, 3 * width), linear(width, width)
        self.up, self.down = linear(width, 4 * width), linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # (B, T, D) -> (B, T, D)
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))

    def attention(self, x: torch.Tensor) -> torch.Tensor:
        """Each token from itself and those before it, (B, T, D) -> (B, T, D)."""
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # (B, H, T, D / H) each
        return self.proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

    def mlp(self, x: torch.Tensor) -> torch.Tensor:
        """The feed-forward network, (B, T, D) -> (B, T, D)."""
        return self.down(F.gelu(self.up(x), approximate=self.approximate))


class GPT(nn.Module):
    """Tokens in, logits out; learned positions, and an output layer that is the token table.

    vocabulary, window: rows of the token and of the position table. width: D, a multiple of heads.
    linear, approximate: as in `Block`.
    """

    def __init__(
        self, vocabulary: int, window: int, width: int, layers: int, heads: int,
        linear: Callable[[int, int], nn.Linear] = nn.Linear, approximate: str = "none",
    ):  # fmt: skip
        super().__init__()
        # Lab 07 draws starting values by the parameters' names, the sweep in their order: keep both.
        self.table, self.places = nn.Embedding(vocabulary, width), nn.Embedding(window, width)
        self.blocks = nn.ModuleList(Block(width, heads, linear, approximate) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """What enters the first block, (B, T) -> (B, T, D)."""
        return self.table(ids) + self.places.weight[: ids.shape[1]]

    def head(self, x: torch.Tensor) -> torch.Tensor:
        """Logits from what leaves the last block, (B, T, D) -> (B, T, V)."""
        return F.linear(self.norm(x), self.table.weight)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:  # (B, T) -> (B, T, V)
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


@dataclass(frozen=True)
class SpecialTokens:
    """The ids of special tokens, and the size of the vocabulary."""

    mask: int
    pad: int
    end: int
    sentinels: tuple[int, ...]
    vocabulary: int


def special_tokens(tokenizer) -> SpecialTokens:
    """The special tokens of a T5-like tokenizer; its last sentinel becomes the mask, for the tokenizer too."""
    *sentinels, mask = tokenizer.convert_tokens_to_ids([f"<extra_id_{i}>" for i in range(100)])
    tokenizer.mask_token = "<extra_id_99>"
    return SpecialTokens(mask, tokenizer.pad_token_id, tokenizer.eos_token_id, tuple(sentinels), len(tokenizer))


def distance_bias(left: torch.Tensor, causal: bool) -> torch.Tensor:
    """What is added to attention scores, by distance.

    left: (..., Tq, Tk) steps from a query leftward to a key, negative to the right. causal: hide the right side.
    Returns (..., H, Tq, Tk).
    """
    slopes = torch.tensor(SLOPES).view(-1, 1, 1)
    ahead = left.unsqueeze(-3) * (1 if causal else torch.tensor(SIDES).view(-1, 1, 1))
    if causal:
        return (-slopes * ahead.abs()).masked_fill(ahead < 0, float("-inf"))
    return -slopes * ahead.abs() - OTHER_SIDE * (ahead <= 0)


class Attention(nn.Module):
    """Multi-head attention from x to memory."""

    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(4))

    def forward(self, x, memory, bias):  # (B, Tq, D), (B, Tk, D), (..., H, Tq, Tk) -> (B, Tq, D)
        q, k, v = (self._heads(*pair) for pair in ((self.q, x), (self.k, memory), (self.v, memory)))
        return self.o(F.scaled_dot_product_attention(q, k, v, attn_mask=bias).transpose(1, 2).flatten(2))

    @staticmethod
    def _heads(linear, x):
        return linear(x).unflatten(-1, (HEADS, -1)).transpose(1, 2)


class Layer(nn.Module):
    """Self-attention, cross-attention where there is a memory, MLP; layer norm first."""

    def __init__(self, cross: bool):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(3 if cross else 2))
        self.attention, self.cross = Attention(), Attention() if cross else None
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, h, bias, memory=None, cross_bias=None):
        x = self.norms[0](h)
        h = h + self.attention(x, x, bias)
        h = h + self.cross(self.norms[2](h), memory, cross_bias) if self.cross else h
        return h + self.mlp(self.norms[1](h))


class SmallTransformer(nn.Module):
    """A transformer of about a million parameters. architecture: a key of ARCHITECTURES.

    Raises CourseError for another architecture.
    """

    def __init__(self, architecture: str, special: SpecialTokens):
        super().__init__()
        if architecture not in ARCHITECTURES:
            known = ", ".join(ARCHITECTURES)
            raise CourseError(f"The architecture must be one of {known}, but {architecture!r} came: choose one.")
        encoder, decoder = ARCHITECTURES[architecture]
        self.architecture, self.special = architecture, special
        self.table = nn.Embedding(special.vocabulary, WIDTH)
        self.encoder = nn.ModuleList(Layer(False) for _ in range(encoder))
        self.decoder = nn.ModuleList(Layer(encoder > 0) for _ in range(decoder))
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, x, y=None):
        """States (B, T, D): of y where an encoder-decoder gets both, else of x."""
        if y is None or not (self.encoder and self.decoder):
            return self._run(self.encoder or self.decoder, x, not self.encoder)
        there = torch.arange(x.shape[1])
        mine = (y[:, :, None] == x[:, None]) & torch.isin(x, torch.tensor(self.special.sentinels))[:, None]
        place = (mine * there).amax(-1).cummax(1).values  # (B, Ty), of the latest sentinel in x
        cross_bias = distance_bias(place[..., None] - there, causal=False)
        return self._run(self.decoder, y, True, self._run(self.encoder, x, False), cross_bias)

    def logits(self, states):
        """(..., D) -> (..., V), by the embedding table itself."""
        # The table starts with entries of size 1, so a sum of D products is of size √D until it is divided by that.
        return states @ self.table.weight.T / WIDTH**0.5

    def guess(self, x, y=None):
        """The likeliest token at each position, (B, T)."""
        return self.logits(self(x, y)).argmax(-1)

    def _run(self, layers, ids, causal, *cross):
        at, h = torch.arange(ids.shape[1]), self.table(ids)
        bias = distance_bias(at[:, None] - at, causal)
        for layer in layers:
            h = layer(h, bias, *cross)
        return self.norm(h)
