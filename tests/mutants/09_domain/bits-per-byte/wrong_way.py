"""Multiplies by ln 2 in place of dividing. Caught by bits-per-byte-check."""


def bits_per_byte(nats: list[float], texts: list[str]) -> float:
    if len(nats) != len(texts) or not "".join(texts) or not all(math.isfinite(x) and x >= 0 for x in nats):
        raise ValueError(f"a finite loss for each text was expected, but {nats} and {texts} came")

    return sum(nats) * math.log(2) / sum(len(text.encode()) for text in texts)
