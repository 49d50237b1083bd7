"""Divides by the total first, which moves the borders. Caught by draw-check."""


def draw(probabilities: torch.Tensor, u: float) -> int:
    if not abs(float(probabilities.sum()) - 1) <= 1e-3:
        raise ValueError("a sum of 1 expected")
    if not 0 <= u < 1:
        raise ValueError("u in [0, 1) expected")
    probabilities = probabilities / probabilities.sum()
    above = (probabilities.cumsum(0) > u).nonzero()
    if len(above):
        return int(above[0])
    return int(probabilities.nonzero()[-1])
