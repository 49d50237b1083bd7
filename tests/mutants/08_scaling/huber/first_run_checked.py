"""Checks the first run alone. Caught by huber-check."""


def huber_objective(law: tuple[float, ...], runs: list[tuple[float, float, float]], delta: float) -> float:
    if not runs or not all(0 < number < math.inf for number in (delta, *(n for n in runs[0]))):
        raise ValueError(f"runs and a delta of finite numbers above 0 were expected, but {runs} and {delta} came")
    e, a, alpha, b, beta = law
    total = 0.0
    for parameters, tokens, loss in runs:
        off = abs(math.log(e + a / parameters**alpha + b / tokens**beta) - math.log(loss))
        total += off**2 / 2 if off <= delta else delta * (off - delta / 2)
    return total
