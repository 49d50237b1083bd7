"""Accepts a law without an optimum. Caught by split-check."""


def optimal_split(law: tuple[float, ...], flops: float) -> tuple[float, float]:
    _, a, alpha, b, beta = law
    if not 0 < flops < math.inf:
        raise ValueError("a budget above 0 was expected")
    if not (a > 0 and b > 0 and alpha > 0 and beta > 0):
        return math.nan, math.nan
    g = (alpha * a / (beta * b)) ** (1 / (alpha + beta))
    parameters = g * (flops / 6) ** (beta / (alpha + beta))
    return parameters, flops / 6 / parameters
