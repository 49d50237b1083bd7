"""Turns the order of the tokens round the wrong way. Caught by top-p-check."""


def top_p(logits: torch.Tensor, p: float) -> torch.Tensor:
    if not 0 < p <= 1:
        raise ValueError(f"p in (0, 1] was expected, but {p} came")
    if p == 1:
        return logits.clone()
    values, places = logits.sort(-1, descending=True)
    share = values.softmax(-1)
    drop = share.cumsum(-1) - share >= p
    return logits.masked_fill(drop.gather(1, places), -inf)
