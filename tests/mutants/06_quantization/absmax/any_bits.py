"""Lets any number of bits through. Caught by absmax-check."""


def absmax(weights: torch.Tensor, bits: int) -> tuple[torch.Tensor, torch.Tensor]:
    require_finite(weights, "matrix")
    bits = max(2, int(bits))
    scales = weights.float().abs().amax(1, keepdim=True) / (2 ** (bits - 1) - 1)
    scales = torch.where(scales > 0, scales, 1.0)
    return (weights / scales).round().to(torch.int8), scales
