"""The learning rate over a training's steps: a rise in a straight line, times a fall from the first step on."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

DECAY = {  # share of the peak that is left when a share x of the steps has been made
    "linear": lambda x: 1 - x,
    "cosine": lambda x: (1 + math.cos(math.pi * x)) / 2,
}


def warmup_and_decay(
    optimizer: "torch.optim.Optimizer", steps: int, warmup: float, decay: str
) -> "torch.optim.lr_scheduler.LambdaLR":
    """A scheduler for step 0, 1, …: rate = peak · min(1, (step + 1) / warmup) · decay(step / steps).

    The peak is the rate that the optimizer has now. warmup: steps of the rise; a part of a step counts. decay: a key of
    DECAY. Beyond the last step the rate stays at zero.

    transformers' schedules with warm-up spend the first step on a rate of zero and begin the fall when the rise ends.

    >>> import torch
    >>> optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    >>> scheduler, rates = warmup_and_decay(optimizer, 4, 2, "linear"), []
    >>> for _ in range(5):
    ...     rates += scheduler.get_last_lr()
    ...     optimizer.step()
    ...     scheduler.step()
    >>> rates
    [0.5, 0.75, 0.5, 0.25, 0.0]
    """
    from torch.optim.lr_scheduler import LambdaLR

    fall = DECAY[decay]
    return LambdaLR(optimizer, lambda step: min(1, (step + 1) / max(1, warmup)) * fall(min(step / steps, 1)))
