"""Takes the softmax as it is written, and large logits overflow. Caught by top-p-check."""


def top_p(logits: torch.Tensor, p: float) -> torch.Tensor:
    if not 0 < p <= 1:
        raise ValueError(f"p in (0, 1] was expected, but {p} came")
    if p == 1:
        return logits.clone()
    values, places = logits.sort(-1, descending=True)
    share = values.exp() / values.exp().sum(-1, keepdim=True)
    drop = share.cumsum(-1) - share >= p
    return logits.masked_fill(torch.zeros_like(drop).scatter(1, places, drop), -inf)
