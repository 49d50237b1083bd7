"""The model of this lab, a small GPT; every rank fills it with the same numbers and draws the same batches."""

import zlib

import torch
from torch.nn import functional as F

from utils.models.small_transformers import GPT


def initial(name, shape):
    """The starting values of a parameter: they depend on its name, and not on who asks."""
    if len(shape) == 1:
        return torch.ones(shape) if "norm" in name and name.endswith("weight") else torch.zeros(shape)
    return 0.02 * torch.randn(shape, generator=torch.Generator().manual_seed(zlib.crc32(name.encode())))


def build(given):
    """The model of the given sizes; on the meta device it has no values, and whoever gives it memory sets `initial`."""
    model = GPT(given["vocabulary"], given["window"], given["width"], given["layers"], heads=4)
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
