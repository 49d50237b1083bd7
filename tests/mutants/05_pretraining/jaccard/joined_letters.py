"""Joins a shingle's words without a space. Caught by jaccard-check."""


def jaccard(a: str, b: str, n: int) -> float:
    if not isinstance(n, int) or n < 1:
        raise ValueError(f"n must be an integer of 1 or more, but {n!r} came")
    sets = []
    for text in (a, b):
        words = text.lower().split()
        if len(words) < n:
            raise ValueError(f"a text of {n} or more words was expected, but {len(words)} came")
        sets.append({"".join(words[i : i + n]) for i in range(len(words) - n + 1)})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])
