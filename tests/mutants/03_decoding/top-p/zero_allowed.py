"""Takes p = 0 for the likeliest token alone. Caught by top-p-edges."""


def top_p(logits: torch.Tensor, p: float) -> torch.Tensor:
    if not 0 <= p <= 1:
        raise ValueError(f"p must lie in [0, 1], but {p} came")
    if p == 1:
        return logits.clone()
    ordered, place = logits.sort(dim=-1, descending=True)
    shares = ordered.softmax(-1)
    keep = shares.cumsum(-1) - shares < max(p, 1e-9)
    return logits.masked_fill(~keep.scatter(-1, place, keep), -inf)
