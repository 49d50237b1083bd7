"""Gives the size the exponent of the data. Caught by split-check."""


def optimal_split(law: tuple[float, ...], flops: float) -> tuple[float, float]:
    _, a, alpha, b, beta = law
    if not all(0 < number < math.inf for number in (a, alpha, b, beta, flops)):
        raise ValueError("finite numbers above 0 were expected")
    g = (alpha * a / (beta * b)) ** (1 / (alpha + beta))
    parameters = g * (flops / 6) ** (alpha / (alpha + beta))
    return parameters, flops / 6 / parameters
