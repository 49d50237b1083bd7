"""Writes a token before it looks at the limit. Caught by greedy-ends-check."""


def greedy(decode: Callable, start: int, end: int, most: int) -> list:
    written, newest, cache = [], start, None
    while True:
        logits, cache = decode([newest], cache)
        newest = logits[-1].argmax().item()
        written.append(newest)
        if newest == end or len(written) >= most:
            return written
