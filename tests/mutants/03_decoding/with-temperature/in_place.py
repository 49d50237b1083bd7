"""Divides the caller's tensor in place. Caught by with-temperature-check."""


def with_temperature(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    require_logits(logits)
    if not 0 < temperature < inf:
        raise ValueError(f"the temperature must lie above 0 and be finite, but {temperature} came")
    logits /= temperature
    return logits
