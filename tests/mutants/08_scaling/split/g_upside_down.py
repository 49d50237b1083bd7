"""Turns G upside down. Caught by split-check."""


def optimal_split(law: tuple[float, ...], flops: float) -> tuple[float, float]:
    _, a, alpha, b, beta = law
    if not all(0 < number < math.inf for number in (a, alpha, b, beta, flops)):
        raise ValueError("finite numbers above 0 were expected")
    g = (beta * b / (alpha * a)) ** (1 / (alpha + beta))
    parameters = g * (flops / 6) ** (beta / (alpha + beta))
    return parameters, flops / 6 / parameters
