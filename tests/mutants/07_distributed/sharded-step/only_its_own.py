"""Returns the weights of its own chunk, the others as they were. Caught by sharded-step-check."""


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
    mine = weights.chunk(n)[rank] - RATE * moment
    new = list(weights.chunk(n))
    new[rank] = mine
    return torch.cat(new), moment
