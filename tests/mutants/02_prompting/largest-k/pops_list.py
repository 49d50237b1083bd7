"""Takes the lengths out of the caller's list. Caught by largest-k-check."""


def largest_k(example_tokens: list[int], target_tokens: int, new_tokens: int, window: int) -> int:
    free = window - target_tokens - new_tokens
    if free < 0:
        raise ValueError(f"{target_tokens} + {new_tokens} tokens do not fit into {window}")
    k = 0
    while example_tokens and example_tokens[0] <= free:
        n = example_tokens.pop(0)
        free -= n
        k += 1
    return k
