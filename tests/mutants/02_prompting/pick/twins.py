"""Draws rows, not dialogues, so one dialogue comes twice. Caught by pick-check."""


def pick(pool: list[dict], target: dict, k: int, seed: int) -> list[dict]:
    fit = [row for row in pool if row["dialogue"] != target["dialogue"]]
    if len(fit) < k:
        raise ValueError("the pool holds too few")
    return random.Random(seed).sample(fit, k)
