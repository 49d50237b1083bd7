"""Stops at once when the start token is the end token. Caught by greedy-check."""


def greedy(step: Callable, start: int, end: int, most: int) -> list[int]:
    """The tokens that greedy decoding writes, the end token included.

    step: from the list of tokens so far to logits (V,). Raises ValueError for most < 1 or unusable logits.

    >>> greedy(lambda tokens: torch.eye(4)[len(tokens)], 0, 3, 10)
    [1, 2, 3]
    """
    ### BEGIN SOLUTION
    if most < 1:
        raise ValueError(f"expected room for at least 1 new token, got {most}")
    tokens = [start]
    while len(tokens) <= most and tokens[-1] != end:
        scores = step(list(tokens))
        if scores.ndim != 1 or not scores.numel() or scores.isnan().any():
            raise ValueError(f"expected logits (V,) without NaN, got {tuple(scores.shape)}")
        tokens.append(scores.argmax().item())
    return tokens[1:]
    ### END SOLUTION
