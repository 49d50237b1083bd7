"""Writes one token more than allowed. Caught by greedy-ends-check."""


def greedy(decode: Callable, start: int, end: int, most: int) -> list:
    written, newest, cache = [], start, None
    while len(written) <= most:
        logits, cache = decode([newest], cache)
        newest = logits[-1].argmax().item()
        written.append(newest)
        if newest == end:
            break
    return written
