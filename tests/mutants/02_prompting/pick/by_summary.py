"""Leaves out rows that share no more than the target's summary. Caught by pick-check."""


def pick(pool: list[dict], target: dict, k: int, seed: int) -> list[dict]:
    rng = random.Random(seed)
    seen, fits = {target["dialogue"]}, []
    for row in pool:
        if row["dialogue"] not in seen and row["summary"] != target["summary"]:
            seen.add(row["dialogue"])
            fits.append(row)
    if len(fits) < k:
        raise ValueError(f"{k} other dialogues were expected, but the pool holds {len(fits)}")
    return rng.sample(fits, k)
