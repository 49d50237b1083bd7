"""Lets the slip never say the value itself. Caught by noisy-entropy-check."""


def noisy_entropy(symbols: int, noise: float) -> float:
    if symbols < 1 or not 0 <= noise <= 1:
        raise ValueError("symbols or noise out of range")
    if symbols == 1:
        return 0.0
    parts = [1 - noise] + [noise / (symbols - 1)] * (symbols - 1)
    return -sum(p * math.log(p) for p in parts if p > 0)
