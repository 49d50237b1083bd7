"""Compares word by word at the same place. Caught by rouge1-check."""


def rouge1(prediction: str, reference: str) -> float:
    predicted, wanted = prediction.lower().split(), reference.lower().split()
    if not predicted and not wanted:
        return 0.0
    matches = sum(a == b for a, b in zip(predicted, wanted, strict=False))
    return 2 * matches / (len(predicted) + len(wanted))
