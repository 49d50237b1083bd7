"""Divides the free room by the mean length of an example. Caught by largest-k-check."""


def largest_k(example_tokens: list[int], target_tokens: int, new_tokens: int, window: int) -> int:
    free = window - target_tokens - new_tokens
    if free < 0:
        raise ValueError("the target does not fit")
    mean = sum(example_tokens) / max(1, len(example_tokens))
    return min(len(example_tokens), int(free // mean)) if example_tokens else 0
