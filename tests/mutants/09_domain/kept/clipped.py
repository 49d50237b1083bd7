"""Clips the share to [0, 1]. Caught by kept-check."""


def kept(untrained: float, before: float, after: float) -> float:
    if not all(math.isfinite(x) and x >= 0 for x in (untrained, before, after)) or before >= untrained:
        raise ValueError(
            f"three losses, the first above the second, were expected, but {untrained}, {before}, {after} came"
        )

    return min(1.0, max(0.0, (untrained - after) / (untrained - before)))
