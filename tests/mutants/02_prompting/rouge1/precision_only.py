"""Gives precision, which a short prediction cannot lose. Caught by rouge1-check."""


def rouge1(prediction: str, reference: str) -> float:
    predicted, expected = Counter(prediction.lower().split()), Counter(reference.lower().split())
    return (predicted & expected).total() / predicted.total() if predicted else 0.0
