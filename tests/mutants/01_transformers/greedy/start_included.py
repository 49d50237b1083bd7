"""Returns the start token too. Caught by greedy-check."""


def greedy(decode: Callable, start: int, end: int, most: int) -> list:
    written, cache = [start], None
    while len(written) <= most:
        logits, cache = decode([written[-1]], cache)
        written.append(logits[-1].argmax().item())
        if written[-1] == end:
            break
    return written
