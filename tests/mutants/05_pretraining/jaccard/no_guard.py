"""Returns 0 where no shingle can be made. Caught by jaccard-check."""


def jaccard(a: str, b: str, n: int) -> float:
    one, two = a.lower().split(), b.lower().split()
    first, second = ({tuple(t[i : i + n]) for i in range(len(t) - n + 1)} for t in (one, two))
    union = first | second
    return len(first & second) / len(union) if union else 0.0
