"""Keeps the cache of the first call. Caught by greedy-ends-check."""


def greedy(decode: Callable, start: int, end: int, most: int) -> list:
    logits, cache = decode([start], None)
    written = [logits[-1].argmax().item()][:most]
    while written and written[-1] != end and len(written) < most:
        logits, _ = decode([written[-1]], cache)
        written.append(logits[-1].argmax().item())
    return written
