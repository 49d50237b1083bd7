"""Counts all wrong symbols as one. Caught by noisy-entropy-check."""


def noisy_entropy(symbols: int, noise: float) -> float:
    if symbols < 1 or not 0 <= noise <= 1:
        raise ValueError("symbols or noise out of range")
    own = 1 - noise + noise / symbols
    return -sum(p * math.log(p) for p in (own, 1 - own) if p > 0)
