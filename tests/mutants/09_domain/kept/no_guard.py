"""Returns 0 when nothing was learned before. Caught by kept-check."""


def kept(untrained: float, before: float, after: float) -> float:
    return (untrained - after) / (untrained - before) if untrained > before else 0.0
