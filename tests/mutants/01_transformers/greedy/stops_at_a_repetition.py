"""Takes a token that was written before for the end. Caught by greedy-ends-check."""


def greedy(decode: Callable, start: int, end: int, most: int) -> list:
    written, newest, cache = [], start, None
    while len(written) < most:
        logits, cache = decode([newest], cache)
        newest = logits[-1].argmax().item()
        if newest in [start, *written]:
            break
        written.append(newest)
        if newest == end:
            break
    return written
