"""Averages the texts' bits per byte. Caught by bits-per-byte-check."""


def bits_per_byte(nats: list[float], texts: list[str]) -> float:
    if len(nats) != len(texts) or not "".join(texts) or not all(math.isfinite(x) and x >= 0 for x in nats):
        raise ValueError(f"a finite loss for each text was expected, but {nats} and {texts} came")

    each = [x / math.log(2) / len(text.encode()) for x, text in zip(nats, texts, strict=True) if text]
    return sum(each) / len(each)
