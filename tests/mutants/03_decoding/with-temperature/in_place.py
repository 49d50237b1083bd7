"""Divides the caller's tensor in place. Caught by with-temperature-check."""


def with_temperature(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    if temperature <= 0:
        raise ValueError(f"the temperature must lie above 0, but {temperature} came")
    logits /= temperature
    return logits
