"""Multiplies by the temperature instead of dividing. Caught by with-temperature-check."""


def with_temperature(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    require_logits(logits)
    if not 0 < temperature < inf:
        raise ValueError(f"the temperature must lie above 0 and be finite, but {temperature} came")
    return logits * temperature
