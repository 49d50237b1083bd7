"""Excludes the target by its id, so another reference of it leaks. Caught by pick-check."""


def pick(pool: list[dict], target: dict, k: int, seed: int) -> list[dict]:
    fit = {row["dialogue"]: row for row in pool if row["id"] != target["id"]}
    if len(fit) < k:
        raise ValueError("the pool holds too few")
    return random.Random(seed).sample(list(fit.values()), k)
