"""Takes the least probable token. Caught by greedy-check."""


def greedy(decode: Callable, start: int, end: int, most: int) -> list:
    written, newest, cache = [], start, None
    while len(written) < most:
        logits, cache = decode([newest], cache)
        newest = logits[-1].argmin().item()
        written.append(newest)
        if newest == end:
            break
    return written
