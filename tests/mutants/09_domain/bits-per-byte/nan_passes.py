"""Lets a loss that is not finite through. Caught by bits-per-byte-check."""


def bits_per_byte(nats: list[float], texts: list[str]) -> float:
    if len(nats) != len(texts) or not "".join(texts) or min(nats) < 0:
        raise ValueError(f"a loss for each text was expected, but {nats} and {texts} came")
    return sum(nats) / math.log(2) / sum(len(text.encode()) for text in texts)
