"""Does not look at the loss afterwards. Caught by kept-check."""


def kept(untrained: float, before: float, after: float) -> float:
    if not all(math.isfinite(x) and x >= 0 for x in (untrained, before)):
        raise ValueError(f"finite losses of 0 or more were expected, but {untrained}, {before}, {after} came")
    if before >= untrained:
        raise ValueError(f"a loss before the move below {untrained} was expected, but {before} came")
    return (untrained - after) / (untrained - before)
