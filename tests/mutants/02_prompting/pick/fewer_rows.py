"""Returns fewer rows when the pool is too small. Caught by pick-check."""


def pick(pool: list[dict], target: dict, k: int, seed: int) -> list[dict]:
    fit = {row["dialogue"]: row for row in pool if row["dialogue"] != target["dialogue"]}
    return random.Random(seed).sample(list(fit.values()), min(k, len(fit)))
