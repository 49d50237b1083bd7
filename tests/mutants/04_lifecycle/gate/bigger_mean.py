"""Refuses every candidate whose mean is lower. Caught by gate-check."""


def gate(candidate: list[float], present: list[float], margin: float) -> bool:
    if len(candidate) != len(present) or len(candidate) < 2:
        raise ValueError("two lists of one length of at least 2 expected")
    if not all(math.isfinite(x) for x in [*candidate, *present]):
        raise ValueError("finite scores expected")
    if not 0 <= margin < math.inf:
        raise ValueError("a margin of 0 or more expected")
    d = [c - p for c, p in zip(candidate, present, strict=True)]
    if fmean(candidate) < fmean(present):
        return False
    return fmean(d) - 1.96 * stdev(d) / math.sqrt(len(d)) >= -margin
