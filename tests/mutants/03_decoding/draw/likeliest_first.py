"""Lays the probabilities out from the largest down and returns the rank. Caught by draw-check."""


def draw(probabilities: torch.Tensor, u: float) -> int:
    if abs(probabilities.sum().item() - 1) > 1e-3:
        raise ValueError(f"probabilities that sum to 1 were expected, but {probabilities} came")
    if not 0 <= u < 1:
        raise ValueError(f"u must lie in [0, 1), but {u} came")
    above = (probabilities.sort(descending=True).values.cumsum(0) > u).nonzero()
    return int(above[0] if len(above) else probabilities.nonzero()[-1])
