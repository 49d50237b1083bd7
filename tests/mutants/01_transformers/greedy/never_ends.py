"""Goes on after the end token. Caught by greedy-ends-check."""


def greedy(decode: Callable, start: int, end: int, most: int) -> list:
    written, newest, cache = [], start, None
    while len(written) < most:
        logits, cache = decode([min(newest, logits.shape[-1] - 2) if written else start], cache)
        newest = logits[-1].argmax().item()
        written.append(newest)
    return written
