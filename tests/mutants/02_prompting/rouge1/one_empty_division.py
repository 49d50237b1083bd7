"""Divides by the number of words of a text without any. Caught by rouge1-check."""


def rouge1(prediction: str, reference: str) -> float:
    predicted, wanted = prediction.lower().split(), reference.lower().split()
    if not predicted and not wanted:
        return 0.0
    matches = sum((Counter(predicted) & Counter(wanted)).values())
    p, r = matches / len(predicted), matches / len(wanted)
    return 2 * p * r / (p + r) if p + r else 0.0
