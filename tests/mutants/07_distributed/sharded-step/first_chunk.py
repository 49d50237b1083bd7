"""Every rank updates the first chunk. Caught by sharded-step-check."""


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
    moment = DECAY * moment + mean
    mine = weights.chunk(n)[0] - RATE * moment
    return all_gather(mine), moment
