"""Multiplies by the temperature instead of dividing. Caught by with-temperature-check."""


def with_temperature(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    if temperature <= 0:
        raise ValueError(f"the temperature must lie above 0, but {temperature} came")
    return logits * temperature
