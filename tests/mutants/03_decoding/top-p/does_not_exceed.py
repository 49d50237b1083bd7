"""Keeps tokens while their sum does not exceed p, so the one that crosses is lost. Caught by top-p-check."""


def top_p(logits: torch.Tensor, p: float) -> torch.Tensor:
    if not 0 < p <= 1:
        raise ValueError(f"p must lie in (0, 1], but {p} came")
    if p == 1:
        return logits.clone()
    ordered, place = logits.sort(dim=-1, descending=True)
    keep = ordered.softmax(-1).cumsum(-1) <= p
    keep[:, 0] = True
    return logits.masked_fill(~keep.scatter(-1, place, keep), -inf)
