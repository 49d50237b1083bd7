"""Drops punctuation. Caught by rouge1-check."""


def rouge1(prediction: str, reference: str) -> float:
    signs = str.maketrans("", "", ".,;:!?")
    predicted, wanted = (text.lower().translate(signs).split() for text in (prediction, reference))
    if not predicted and not wanted:
        return 0.0
    matches = sum((Counter(predicted) & Counter(wanted)).values())
    return 2 * matches / (len(predicted) + len(wanted))
