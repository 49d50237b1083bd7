"""Feeds the start token at every step. Caught by greedy-check."""


def greedy(decode: Callable, start: int, end: int, most: int) -> list:
    written, cache = [], None
    while len(written) < most:
        logits, cache = decode([start], cache)
        written.append(logits[-1].argmax().item())
        if written[-1] == end:
            break
    return written
