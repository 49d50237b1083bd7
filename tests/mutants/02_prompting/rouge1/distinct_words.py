"""Counts each distinct word once. Caught by rouge1-check."""


def rouge1(prediction: str, reference: str) -> float:
    predicted, expected = set(prediction.lower().split()), set(reference.lower().split())
    words = len(predicted) + len(expected)
    return 2 * len(predicted & expected) / words if words else 0.0
