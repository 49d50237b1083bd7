"""Lets T = 0 through and divides by it. Caught by with-temperature-edges."""


def with_temperature(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    if temperature < 0:
        raise ValueError(f"the temperature must not be negative, but {temperature} came")
    return logits / temperature
