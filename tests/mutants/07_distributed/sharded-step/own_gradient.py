"""Uses its own gradient, without the others. Caught by sharded-step-check."""


def sharded_step(
    weights: Tensor,
    gradient: Tensor,
    moment: Tensor,
    rank: int,
    reduce_scatter: Callable,
    all_gather: Callable,
) -> tuple:
    n = len(weights) // len(moment)
    mean = gradient.chunk(n)[rank]
    moment = DECAY * moment + mean
    mine = weights.chunk(n)[rank] - RATE * moment
    return all_gather(mine), moment
