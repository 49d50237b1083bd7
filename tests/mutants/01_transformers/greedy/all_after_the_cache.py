"""Hands over all tokens and the cache that holds them already. Caught by greedy-check."""


def greedy(decode: Callable, start: int, end: int, most: int) -> list:
    written, cache = [], None
    while len(written) < most:
        logits, cache = decode([start, *written], cache)
        written.append(logits[-1].argmax().item())
        if written[-1] == end:
            break
    return written
