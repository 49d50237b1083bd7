"""Takes The and the for different words. Caught by rouge1-check."""


def rouge1(prediction: str, reference: str) -> float:
    predicted, expected = Counter(prediction.split()), Counter(reference.split())
    words = predicted.total() + expected.total()
    return 2 * (predicted & expected).total() / words if words else 0.0
