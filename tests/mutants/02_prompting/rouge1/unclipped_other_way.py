"""Counts a word as often as the reference repeats it. Caught by rouge1-check."""


def rouge1(prediction: str, reference: str) -> float:
    predicted, wanted = prediction.lower().split(), reference.lower().split()
    if not predicted and not wanted:
        return 0.0
    matches = sum(word in predicted for word in wanted)
    return 2 * matches / (len(predicted) + len(wanted))
