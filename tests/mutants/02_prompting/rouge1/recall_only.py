"""Gives recall, which a long prediction cannot lose. Caught by rouge1-check."""


def rouge1(prediction: str, reference: str) -> float:
    predicted, expected = Counter(prediction.lower().split()), Counter(reference.lower().split())
    return (predicted & expected).total() / expected.total() if expected else 0.0
