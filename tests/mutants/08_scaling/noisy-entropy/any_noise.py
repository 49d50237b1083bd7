"""Lets a noise pass that is not a number. Caught by noisy-entropy-check."""


def noisy_entropy(symbols: int, noise: float) -> float:
    if symbols < 1 or noise < 0 or noise > 1:
        raise ValueError("out of range")
    other = noise / symbols
    parts = [1 - noise + other] + [other] * (symbols - 1)
    return -sum(p * math.log(p) for p in parts if p > 0)
