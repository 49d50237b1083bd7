"""Takes the size of every residual. Caught by huber-check."""


def huber_objective(law: tuple[float, ...], runs: list[tuple[float, float, float]], delta: float) -> float:
    if not runs or not all(0 < number < math.inf for number in (delta, *(n for run in runs for n in run))):
        raise ValueError("finite numbers above 0 were expected")
    e, a, alpha, b, beta = law
    total = 0.0
    for n, d, loss in runs:
        off = abs(math.log(e + a / n**alpha + b / d**beta) - math.log(loss))
        total += delta * off
    return total
