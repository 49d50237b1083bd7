"""Averages the moment as Adam's, with 1 - DECAY for the gradient. Caught by sharded-step-check."""


def sharded_step(
    weights: Tensor,
    gradient: Tensor,
    moment: Tensor,
    rank: int,
    reduce_scatter: Callable,
    all_gather: Callable,
) -> tuple:
    n = len(weights) // len(moment)
    mean = reduce_scatter(gradient) / n
    moment = DECAY * moment + (1 - DECAY) * mean
    mine = weights.chunk(n)[rank] - RATE * moment
    return all_gather(mine), moment
