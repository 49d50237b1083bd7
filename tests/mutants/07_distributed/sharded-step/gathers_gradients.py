"""Gathers all gradients and adds them up itself. Caught by sharded-step-traffic."""


def sharded_step(
    weights: Tensor,
    gradient: Tensor,
    moment: Tensor,
    rank: int,
    reduce_scatter: Callable,
    all_gather: Callable,
) -> tuple:
    n = len(weights) // len(moment)
    mean = sum(all_gather(gradient).chunk(n)).chunk(n)[rank] / n
    moment = DECAY * moment + mean
    mine = weights.chunk(n)[rank] - RATE * moment
    return all_gather(mine), moment
