"""Takes the first example's length for that of all. Caught by largest-k-check."""


def largest_k(example_tokens: list[int], target_tokens: int, new_tokens: int, window: int) -> int:
    free = window - target_tokens - new_tokens
    if free < 0:
        raise ValueError("too long")
    return min(len(example_tokens), free // example_tokens[0])
