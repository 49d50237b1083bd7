"""Keeps capital letters. Caught by jaccard-check."""


def jaccard(a: str, b: str, n: int) -> float:
    if not isinstance(n, int) or n < 1 or min(len(a.split()), len(b.split())) < n:
        raise ValueError(f"n of 1 or more and texts of n words were expected, but {n!r} came")

    one, two = a.split(), b.split()
    first, second = ({tuple(t[i : i + n]) for i in range(len(t) - n + 1)} for t in (one, two))
    return len(first & second) / len(first | second)
