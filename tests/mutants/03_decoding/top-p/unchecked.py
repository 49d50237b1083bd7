"""Takes any p, and keeps nothing at p = 0. Caught by top-p-edges."""


def top_p(logits: torch.Tensor, p: float) -> torch.Tensor:
    if p == 1:
        return logits.clone()
    ordered, place = logits.sort(dim=-1, descending=True)
    shares = ordered.softmax(-1)
    keep = shares.cumsum(-1) - shares < p
    return logits.masked_fill(~keep.scatter(-1, place, keep), -inf)
