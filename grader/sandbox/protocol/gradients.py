"""Gradients across the border: what a function did stays in the sandbox, and is followed back there when asked."""

from collections.abc import Callable, Iterator
from typing import Any

import torch


def leaves(value: Any) -> Iterator[torch.Tensor]:
    """The tensors among arguments that want a gradient, in one order on both sides."""
    if isinstance(value, torch.Tensor):
        if value.requires_grad:
            yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from leaves(part)


class Through(torch.autograd.Function):
    """The identity on a value that came from the sandbox; its backward pass asks there. follow: slopes by slope."""

    @staticmethod
    def forward(ctx, follow: Callable, value: torch.Tensor, *_: torch.Tensor) -> torch.Tensor:
        ctx.follow = follow
        return value.clone()

    @staticmethod
    def backward(ctx, slope: torch.Tensor) -> tuple:
        return None, None, *ctx.follow(slope)
