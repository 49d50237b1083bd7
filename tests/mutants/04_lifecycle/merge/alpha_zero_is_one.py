"""Takes an alpha of 0 for one that is not given. Caught by merge-check."""


def merge(weight: torch.Tensor, down: torch.Tensor, up: torch.Tensor, alpha: float) -> torch.Tensor:
    if weight.ndim != 2 or down.ndim != 2 or up.ndim != 2:
        raise ValueError("matrices expected")
    rank = down.shape[0]
    if rank < 1 or down.shape[1] != weight.shape[1] or up.shape != (weight.shape[0], rank):
        raise ValueError("down (r, in) and up (out, r) with r >= 1 expected")
    if not math.isfinite(alpha):
        raise ValueError("a finite alpha expected")
    return weight + (alpha or rank) / rank * (up @ down)
