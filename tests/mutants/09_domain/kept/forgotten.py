"""Returns the share that is forgotten. Caught by kept-check."""


def kept(untrained: float, before: float, after: float) -> float:
    if not all(math.isfinite(x) and x >= 0 for x in (untrained, before, after)) or before >= untrained:
        raise ValueError(
            f"three losses, the first above the second, were expected, but {untrained}, {before}, {after} came"
        )

    return (after - before) / (untrained - before)
