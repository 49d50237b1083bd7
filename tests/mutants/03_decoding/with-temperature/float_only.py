"""Refuses a whole number as temperature. Caught by with-temperature-check."""


def with_temperature(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    if type(temperature) is not float or not 0 < temperature < inf:
        raise ValueError(f"a temperature above 0 was expected, but {temperature} came")
    return logits / temperature
