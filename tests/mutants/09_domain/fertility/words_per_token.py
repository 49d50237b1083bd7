"""Divides words by tokens. Caught by fertility-check."""


def fertility(texts: list[str], encode: Callable[[str], list]) -> float:
    if not sum(len(text.split()) for text in texts):
        raise ValueError(f"a word was expected, but {texts} came")

    return sum(len(text.split()) for text in texts) / sum(len(encode(text)) for text in texts)
