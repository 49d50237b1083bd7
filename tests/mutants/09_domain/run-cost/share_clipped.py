"""Gives 1 where there is more text than needed. Caught by run-cost-check."""


def run_cost(parameters: float, tokens: float, flops_per_s: float) -> tuple[float, float, float]:
    if not all(math.isfinite(x) and x > 0 for x in (parameters, tokens, flops_per_s)):
        raise ValueError(f"finite numbers above 0 were expected, but {parameters}, {tokens}, {flops_per_s} came")
    flops = 6 * parameters * tokens
    return flops, flops / flops_per_s / 86_400, min(1.0, tokens / (20 * parameters))
