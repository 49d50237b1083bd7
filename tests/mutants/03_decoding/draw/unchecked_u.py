"""Takes any u, also 1 and above. Caught by draw-edges."""


def draw(probabilities: torch.Tensor, u: float) -> int:
    if abs(probabilities.sum().item() - 1) > 1e-3:
        raise ValueError(f"probabilities that sum to 1 were expected, but {probabilities} came")
    above = (probabilities.cumsum(0) > u).nonzero()
    return int(above[0] if len(above) else probabilities.nonzero()[-1])
