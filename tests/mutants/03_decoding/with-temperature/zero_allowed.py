"""Lets T = 0 through and divides by it. Caught by with-temperature-check."""


def with_temperature(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    require_logits(logits)
    if temperature < 0:
        raise ValueError(f"the temperature must not be negative, but {temperature} came")
    return logits / temperature
