"""Leaves no room for the new tokens. Caught by largest-k-check."""


def largest_k(example_tokens: list[int], target_tokens: int, new_tokens: int, window: int) -> int:
    used = target_tokens
    if used > window:
        raise ValueError("the target does not fit")
    for k, tokens in enumerate(example_tokens):
        used += tokens
        if used > window:
            return k
    return len(example_tokens)
