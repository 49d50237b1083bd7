"""Adds the gradients and forgets to divide. Caught by mean-gradient-check."""


def mean_gradient(gradients: list[torch.Tensor], rows: list[int]) -> torch.Tensor:
    if not gradients or len(gradients) != len(rows) or len({tuple(g.shape) for g in gradients}) != 1:
        raise ValueError("one gradient of one shape per rank was expected")
    if min(rows) < 1:
        raise ValueError("at least one row per rank was expected")
    if not all(g.isfinite().all() for g in gradients):
        raise ValueError("finite gradients were expected")
    return sum(n * g for n, g in zip(rows, gradients, strict=True))
