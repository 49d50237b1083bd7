"""Draws one row, and takes the next ones with it. Caught by pick-check."""


def pick(pool: list[dict], target: dict, k: int, seed: int) -> list[dict]:
    rng = random.Random(seed)
    seen, fits = {target["dialogue"]}, []
    for row in pool:
        if row["dialogue"] not in seen:
            seen.add(row["dialogue"])
            fits.append(row)
    if len(fits) < k:
        raise ValueError(f"{k} other dialogues were expected, but the pool holds {len(fits)}")
    at = rng.randrange(max(1, len(fits) - k))
    return fits[at : at + k]
