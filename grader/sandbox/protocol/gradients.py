"""Gradients across the border: `backward()` on this side of a value that was computed on the other.

A check may differentiate through a student's function. The autograd graph of the call stays in the guest, under a
number. Here the returned tensor hangs on a `RemoteFunction`, whose backward pass sends grad_output to the guest and
gets back the vector-Jacobian product: one gradient for each tensor among the arguments that requires one.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch


def tensors_requiring_grad(arguments: Any) -> Iterator[torch.Tensor]:
    """The tensors among arguments that require a gradient, in one order on both sides of the border.

    Both walk equal lists and tuples, so position alone says which gradient belongs to which tensor. Dicts are not
    entered: a tensor in one gets no gradient.
    """
    if isinstance(arguments, torch.Tensor):
        if arguments.requires_grad:
            yield arguments
    elif isinstance(arguments, list | tuple):
        for part in arguments:
            yield from tensors_requiring_grad(part)


class RemoteFunction(torch.autograd.Function):
    """The identity on a value that came from the guest; its backward pass is computed there.

    vjp: from grad_output to the gradient of each input, None for one that the value does not depend on.
    """

    @staticmethod
    def forward(ctx, vjp: Callable, value: torch.Tensor, *_inputs: torch.Tensor) -> torch.Tensor:
        # Inputs are not used: as arguments they tell autograd which tensors the value depends on.
        ctx.vjp = vjp
        # Autograd hangs the node on a new tensor; one that is returned as it came counts as an unchanged input.
        return value.clone()

    @staticmethod
    def backward(ctx, grad_output: torch.Tensor) -> tuple:
        # No gradient for `vjp` and `value` themselves.
        return None, None, *ctx.vjp(grad_output)
