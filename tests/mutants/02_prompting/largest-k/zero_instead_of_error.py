"""Returns 0 when not even the target fits. Caught by largest-k-check."""


def largest_k(example_tokens: list[int], target_tokens: int, new_tokens: int, window: int) -> int:
    free = window - target_tokens - new_tokens
    for k, tokens in enumerate(example_tokens):
        free -= tokens
        if free < 0:
            return k
    return len(example_tokens)
