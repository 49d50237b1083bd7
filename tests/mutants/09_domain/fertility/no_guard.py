"""Returns 0 for texts without a word. Caught by fertility-check."""


def fertility(texts: list[str], encode: Callable[[str], list]) -> float:
    words = sum(len(text.split()) for text in texts)
    return sum(len(encode(text)) for text in texts) / words if words else 0.0
