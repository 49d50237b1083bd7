"""Takes little noise for none. Caught by noisy-entropy-check."""


def noisy_entropy(symbols: int, noise: float) -> float:
    if symbols < 1 or not 0 <= noise <= 1:
        raise ValueError(f"at least 1 symbol and noise in [0, 1] were expected, but {symbols} and {noise} came")
    other = noise / symbols
    parts = [1 - noise + other] + [other] * (symbols - 1)
    if noise < 0.01:
        return 0.0
    return -sum(p * math.log(p) for p in parts if p > 0)
