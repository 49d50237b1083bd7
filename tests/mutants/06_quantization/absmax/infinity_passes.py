"""Refuses NaN, and not infinity. Caught by absmax-check."""


def absmax(weights: torch.Tensor, bits: int) -> tuple[torch.Tensor, torch.Tensor]:
    require_finite(weights.nan_to_num(nan=math.nan), "matrix")
    if type(bits) is not int or not 2 <= bits <= 8:
        raise ValueError(f"bits must be an integer from 2 to 8, but {bits!r} came")
    scales = weights.float().abs().amax(1, keepdim=True) / (2 ** (bits - 1) - 1)
    scales = torch.where(scales > 0, scales, 1.0)
    return (weights / scales).round().to(torch.int8), scales
