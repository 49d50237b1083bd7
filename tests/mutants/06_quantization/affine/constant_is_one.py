"""Takes scale 1 where all values are equal. Caught by affine-check."""


def affine(values: torch.Tensor, bits: int) -> tuple[torch.Tensor, float, int]:
    require_finite(values)
    if type(bits) is not int or not 2 <= bits <= 8:
        raise ValueError(f"bits must be an integer from 2 to 8, but {bits!r} came")
    low, high, most = min(values.min().item(), 0.0), max(values.max().item(), 0.0), 2**bits - 1
    scale = 1.0 if values.min() == values.max() else (high - low) / most
    zero = round(-low / scale)
    return ((values / scale).round() + zero).clamp(0, most).to(torch.uint8), scale, zero
