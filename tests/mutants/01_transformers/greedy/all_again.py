"""Reads all tokens again at each step, right but without use of the cache. Caught by greedy-check."""


def greedy(decode: Callable, start: int, end: int, most: int) -> list:
    written = []
    while len(written) < most:
        logits, _ = decode([start, *written], None)
        written.append(logits[-1].argmax().item())
        if written[-1] == end:
            break
    return written
