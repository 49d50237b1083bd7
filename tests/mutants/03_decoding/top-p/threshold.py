"""Compares each token's own probability with p. Caught by top-p-check."""


def top_p(logits: torch.Tensor, p: float) -> torch.Tensor:
    if not 0 < p <= 1:
        raise ValueError(f"p must lie in (0, 1], but {p} came")
    if p == 1:
        return logits.clone()
    shares = logits.softmax(-1)
    return logits.masked_fill((shares < p) & (shares < shares.amax(-1, keepdim=True)), -inf)
