"""Replaces what is not finite by 0 instead of refusing it. Caught by mean-gradient-check."""


def mean_gradient(gradients: list[torch.Tensor], rows: list[int]) -> torch.Tensor:
    if not gradients or len(gradients) != len(rows) or len({tuple(g.shape) for g in gradients}) != 1:
        raise ValueError("one gradient of one shape per rank was expected")
    if min(rows) < 1:
        raise ValueError("at least one row per rank was expected")
    return sum(n / sum(rows) * g.nan_to_num() for n, g in zip(rows, gradients, strict=True))
