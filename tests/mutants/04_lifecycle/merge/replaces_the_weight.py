"""Leaves the frozen weight out. Caught by merge-check."""


def merge(weight: torch.Tensor, down: torch.Tensor, up: torch.Tensor, alpha: float) -> torch.Tensor:
    if not weight.dim() == down.dim() == up.dim() == 2:
        raise ValueError(f"three matrices were expected, but {weight.dim()}, {down.dim()}, {up.dim()} dimensions came")
    (out, inner), rank = weight.shape, len(down)
    if rank < 1 or tuple(down.shape) != (rank, inner) or tuple(up.shape) != (out, rank):
        came = f"{tuple(down.shape)} and {tuple(up.shape)}"
        raise ValueError(f"down (r, {inner}) and up ({out}, r) with r of 1 or more were expected, but {came} came")
    if not math.isfinite(alpha):
        raise ValueError(f"a finite alpha was expected, but {alpha} came")
    return alpha / rank * up @ down
