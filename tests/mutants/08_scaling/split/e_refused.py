"""Refuses an irreducible loss of 0. Caught by split-check."""


def optimal_split(law: tuple[float, ...], flops: float) -> tuple[float, float]:
    e, a, alpha, b, beta = law
    if not all(0 < number < math.inf for number in (e, a, alpha, b, beta, flops)):
        raise ValueError(f"finite numbers above 0 were expected, but the law {law} and {flops} FLOPs came")
    g = (alpha * a / (beta * b)) ** (1 / (alpha + beta))
    parameters = g * (flops / 6) ** (beta / (alpha + beta))
    return parameters, flops / 6 / parameters
