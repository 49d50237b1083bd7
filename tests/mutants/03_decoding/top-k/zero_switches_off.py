"""Takes k = 0 for no limit, as transformers' settings do. Caught by top-k-edges."""


def top_k(logits: torch.Tensor, k: int) -> torch.Tensor:
    if k < 0:
        raise ValueError(f"k must be 0 or more, but {k} came")
    border = logits.topk(min(k or logits.shape[-1], logits.shape[-1])).values[:, -1:]
    return logits.masked_fill(logits < border, -inf)
