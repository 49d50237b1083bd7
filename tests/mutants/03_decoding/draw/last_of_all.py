"""Returns the last token of all when rounding leaves the sum short. Caught by draw-check."""


def draw(probabilities: torch.Tensor, u: float) -> int:
    if abs(probabilities.sum().item() - 1) > 1e-3:
        raise ValueError(f"probabilities that sum to 1 were expected, but {probabilities} came")
    if not 0 <= u < 1:
        raise ValueError(f"u must lie in [0, 1), but {u} came")
    return min(int((probabilities.cumsum(0) <= u).sum()), len(probabilities) - 1)
