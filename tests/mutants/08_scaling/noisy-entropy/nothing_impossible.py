"""Takes the logarithm of a probability that is zero. Caught by noisy-entropy-check."""


def noisy_entropy(symbols: int, noise: float) -> float:
    if symbols < 1 or not 0 <= noise <= 1:
        raise ValueError("symbols or noise out of range")
    other = noise / symbols
    parts = [1 - noise + other] + [other] * (symbols - 1)
    if 0 in parts:
        return math.nan
    return -sum(p * math.log(p) for p in parts)
