"""Takes a small temperature for 0.01. Caught by with-temperature-check."""


def with_temperature(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    if temperature <= 0:
        raise ValueError(f"a temperature above 0 was expected, but {temperature} came")
    return logits / max(temperature, 0.01)
