"""The model of this lab, a small GPT; every rank fills it with the same numbers and draws the same batches."""

import zlib

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    """Causal attention and a feed-forward network, layer norm first."""

    def __init__(self, width, heads=4):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):  # (B, T, D) -> (B, T, D)
        q, k, v = self.qkv(self.norm1(x)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        x = x + self.proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Decoder(nn.Module):
    """Tokens in, logits out; the output layer is the embedding table."""

    def __init__(self, width, layers, vocabulary, window):
        super().__init__()
        self.table, self.places = nn.Embedding(vocabulary, width), nn.Embedding(window, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def embed(self, ids):
        return self.table(ids) + self.places.weight[: ids.shape[1]]

    def head(self, x):
        return F.linear(self.norm(x), self.table.weight)

    def forward(self, ids):  # (B, T) -> (B, T, V)
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def initial(name, shape):
    """The starting values of a parameter: they depend on its name, and not on who asks."""
    if len(shape) == 1:
        return torch.ones(shape) if "norm" in name and name.endswith("weight") else torch.zeros(shape)
    return 0.02 * torch.randn(shape, generator=torch.Generator().manual_seed(zlib.crc32(name.encode())))


def build(given):
    """The model of the given sizes; `fill` it before use where it comes from the meta device."""
    model = Decoder(given["width"], given["layers"], given["vocabulary"], given["window"])
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not parameter.is_meta:
                parameter.copy_(initial(name, parameter.shape))
    return model


def batch(step, given, seed=0):
    """All rows of one step, (B, T + 1): each row counts up by a step of its own."""
    generator = torch.Generator().manual_seed(1000 * seed + step)
    start, stride = (torch.randint(1, high, (given["rows"], 1), generator=generator) for high in (50, 4))
    return (start + stride * torch.arange(given["window"] + 1)) % given["vocabulary"]


def loss_of(logits, ids):
    """Mean cross-entropy of the next token, in nats."""
    return F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
