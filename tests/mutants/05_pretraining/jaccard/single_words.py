"""Compares single words, so the order is lost. Caught by jaccard-check."""


def jaccard(a: str, b: str, n: int) -> float:
    if not isinstance(n, int) or n < 1 or min(len(a.split()), len(b.split())) < n:
        raise ValueError(f"n of 1 or more and texts of n words were expected, but {n!r} came")

    first, second = set(a.lower().split()), set(b.lower().split())
    return len(first & second) / len(first | second)
