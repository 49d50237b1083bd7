"""Gathers whole vectors that are zero elsewhere. Caught by sharded-step-traffic."""


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
    padded = torch.zeros_like(weights)
    padded.chunk(n)[rank].copy_(mine)
    return sum(all_gather(padded).chunk(n)), moment
