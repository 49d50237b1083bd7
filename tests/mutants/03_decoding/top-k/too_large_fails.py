"""Fails when k is larger than the vocabulary. Caught by top-k-check."""


def top_k(logits: torch.Tensor, k: int) -> torch.Tensor:
    if k < 1:
        raise ValueError(f"k must be 1 or more, but {k} came")
    border = logits.topk(k).values[:, -1:]
    return logits.masked_fill(logits < border, -inf)
