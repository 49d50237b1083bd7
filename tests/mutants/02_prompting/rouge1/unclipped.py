"""Counts every repetition of a matched word. Caught by rouge1-check."""


def rouge1(prediction: str, reference: str) -> float:
    predicted, expected = prediction.lower().split(), reference.lower().split()
    words = len(predicted) + len(expected)
    return 2 * sum(word in expected for word in predicted) / words if words else 0.0
