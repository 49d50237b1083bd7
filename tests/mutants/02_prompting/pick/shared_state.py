"""Seeds the random state that everything else shares. Caught by pick-check."""


def pick(pool: list[dict], target: dict, k: int, seed: int) -> list[dict]:
    fit = {row["dialogue"]: row for row in pool if row["dialogue"] != target["dialogue"]}
    if len(fit) < k:
        raise ValueError("the pool holds too few")
    random.seed(seed)
    return random.sample(list(fit.values()), k)
