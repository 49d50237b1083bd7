"""Takes the first rows instead of drawing. Caught by pick-check."""


def pick(pool: list[dict], target: dict, k: int, seed: int) -> list[dict]:
    fit = {row["dialogue"]: row for row in pool if row["dialogue"] != target["dialogue"]}
    if len(fit) < k:
        raise ValueError("the pool holds too few")
    return list(fit.values())[:k]
