"""Stops before the end token is written. Caught by greedy-check."""


def greedy(decode: Callable, start: int, end: int, most: int) -> list:
    written, newest, cache = [], start, None
    while len(written) < most:
        logits, cache = decode([newest], cache)
        newest = logits[-1].argmax().item()
        if newest == end:
            break
        written.append(newest)
    return written
