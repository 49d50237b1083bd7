"""Splits words at punctuation too. Caught by fertility-check."""


def fertility(texts: list[str], encode: Callable[[str], list]) -> float:
    words = sum(len("".join(c if c.isalnum() else " " for c in text).split()) for text in texts)
    if words == 0:
        raise ValueError(f"texts with at least one word were expected, but {len(texts)} texts with none came")
    return sum(len(encode(text)) for text in texts) / words
