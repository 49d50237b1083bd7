"""Takes T = 0 for greedy decoding, as other libraries do. Caught by with-temperature-edges."""


def with_temperature(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    if temperature == 0:
        return logits.masked_fill(logits < logits.amax(-1, keepdim=True), -inf)
    if temperature < 0:
        raise ValueError(f"the temperature must not be negative, but {temperature} came")
    return logits / temperature
