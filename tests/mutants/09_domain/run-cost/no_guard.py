"""Lets zero and infinity through. Caught by run-cost-check."""


def run_cost(parameters: float, tokens: float, flops_per_s: float) -> tuple[float, float, float]:
    flops = 6 * parameters * tokens
    return flops, flops / (flops_per_s or 1.0) / 86_400, tokens / (20 * parameters or 1.0)
