"""Lets size and data grow alike, whatever the exponents. Caught by split-check."""


def optimal_split(law: tuple[float, ...], flops: float) -> tuple[float, float]:
    _, a, alpha, b, beta = law
    if not all(0 < number < math.inf for number in (a, alpha, b, beta, flops)):
        raise ValueError("finite numbers above 0 were expected")
    g = (alpha * a / (beta * b)) ** (1 / (alpha + beta))
    parameters = g * (flops / 6) ** 0.5
    return parameters, flops / 6 / parameters
