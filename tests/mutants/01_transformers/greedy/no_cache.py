"""Hands the decoder the newest token without the cache. Caught by greedy-check."""


def greedy(decode: Callable, start: int, end: int, most: int) -> list:
    written, newest = [], start
    while len(written) < most:
        logits, _ = decode([newest], None)
        newest = logits[-1].argmax().item()
        written.append(newest)
        if newest == end:
            break
    return written
