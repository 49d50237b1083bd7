"""Gives 8 bits per byte at most. Caught by bits-per-byte-check."""


def bits_per_byte(nats: list[float], texts: list[str]) -> float:
    if len(nats) != len(texts) or not texts:
        raise ValueError(f"one loss for each text was expected, but {len(nats)} losses and {len(texts)} texts came")
    if not all(math.isfinite(loss) and loss >= 0 for loss in nats):
        raise ValueError(f"finite losses of 0 or more were expected, but {nats} came")
    size = sum(len(text.encode()) for text in texts)
    if size == 0:
        raise ValueError(f"texts with at least one byte were expected, but {len(texts)} empty ones came")
    return min(8.0, sum(nats) / math.log(2) / size)
