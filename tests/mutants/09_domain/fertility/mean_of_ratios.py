"""Averages the texts' ratios, so short texts count too much. Caught by fertility-check."""


def fertility(texts: list[str], encode: Callable[[str], list]) -> float:
    if not sum(len(text.split()) for text in texts):
        raise ValueError(f"a word was expected, but {texts} came")

    ratios = [len(encode(text)) / len(text.split()) for text in texts if text.split()]
    return sum(ratios) / len(ratios)
