"""Takes the spread of dialogues for that of the mean. Caught by gate-check."""


def gate(candidate: list[float], present: list[float], margin: float) -> bool:
    if len(candidate) != len(present) or len(present) < 2:
        raise ValueError(f"two lists of one length ≥ 2 were expected, but {len(candidate)} and {len(present)} came")
    if not all(map(math.isfinite, [*candidate, *present])):
        raise ValueError("finite scores were expected, but one is NaN or infinite")
    if not 0 <= margin < math.inf:
        raise ValueError(f"a finite margin of 0 or more was expected, but {margin} came")
    change = [a - b for a, b in zip(candidate, present, strict=True)]
    return bool(fmean(change) - 1.96 * stdev(change) >= -margin)
