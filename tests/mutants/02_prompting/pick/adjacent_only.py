"""Finds copies of a dialogue only where they are neighbours. Caught by pick-check."""


def pick(pool: list[dict], target: dict, k: int, seed: int) -> list[dict]:
    rng = random.Random(seed)
    fits = []
    for row in pool:
        if row["dialogue"] != target["dialogue"] and (not fits or fits[-1]["dialogue"] != row["dialogue"]):
            fits.append(row)
    if len(fits) < k:
        raise ValueError(f"{k} other dialogues were expected, but the pool holds {len(fits)}")
    return rng.sample(fits, k)
