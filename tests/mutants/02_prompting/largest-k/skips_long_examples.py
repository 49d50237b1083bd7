"""Skips an example that does not fit and goes on to the next. Caught by largest-k-check."""


def largest_k(example_tokens: list[int], target_tokens: int, new_tokens: int, window: int) -> int:
    free, k = window - target_tokens - new_tokens, 0
    if free < 0:
        raise ValueError("the target does not fit")
    for tokens in example_tokens:
        if tokens <= free:
            free, k = free - tokens, k + 1
    return k
