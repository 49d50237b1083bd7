"""Leaves the mask in sorted order instead of the tokens' own. Caught by top-p-check."""


def top_p(logits: torch.Tensor, p: float) -> torch.Tensor:
    if not 0 < p <= 1:
        raise ValueError(f"p must lie in (0, 1], but {p} came")
    if p == 1:
        return logits.clone()
    ordered = logits.sort(dim=-1, descending=True).values
    shares = ordered.softmax(-1)
    return logits.masked_fill(shares.cumsum(-1) - shares >= p, -inf)
