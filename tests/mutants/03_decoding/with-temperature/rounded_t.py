"""Rounds the temperature. Caught by with-temperature-check."""


def with_temperature(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    if temperature <= 0:
        raise ValueError(f"a temperature above 0 was expected, but {temperature} came")
    return logits / round(temperature, 2)
