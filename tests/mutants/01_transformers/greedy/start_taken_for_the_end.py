"""Takes a start token that equals the end for the end. Caught by greedy-ends-check."""


def greedy(decode: Callable, start: int, end: int, most: int) -> list:
    written, newest, cache = [], start, None
    while newest != end and len(written) < most:
        logits, cache = decode([newest], cache)
        newest = logits[-1].argmax().item()
        written.append(newest)
    return written
