"""Takes more rows than gradients. Caught by mean-gradient-check."""


def mean_gradient(gradients: list[torch.Tensor], rows: list[int]) -> torch.Tensor:
    if not gradients or len(gradients) > len(rows) or len({tuple(g.shape) for g in gradients}) != 1:
        raise ValueError(f"one gradient of one shape per rank was expected, but {gradients} and {rows} came")
    if min(rows) < 1:
        raise ValueError(f"at least one row per rank was expected, but {rows} came: more ranks than rows")
    if not all(g.isfinite().all() for g in gradients):
        raise ValueError(f"finite gradients were expected, but {gradients} came")
    return sum(n / sum(rows) * g for n, g in zip(rows, gradients, strict=False))
