"""Collects the set from the least likely token up. Caught by top-p-check."""


def top_p(logits: torch.Tensor, p: float) -> torch.Tensor:
    if not 0 < p <= 1:
        raise ValueError(f"p must lie in (0, 1], but {p} came")
    if p == 1:
        return logits.clone()
    ordered, place = logits.sort(dim=-1)
    shares = ordered.softmax(-1)
    keep = shares.cumsum(-1) - shares < p
    return logits.masked_fill(~keep.scatter(-1, place, keep), -inf)
