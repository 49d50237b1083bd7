"""Takes any number as temperature. Caught by with-temperature-edges."""


def with_temperature(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    return logits / temperature
