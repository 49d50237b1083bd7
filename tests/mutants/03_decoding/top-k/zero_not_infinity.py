"""Sets the others to 0, which softmax does not turn into 0. Caught by top-k-check."""


def top_k(logits: torch.Tensor, k: int) -> torch.Tensor:
    if k < 1:
        raise ValueError(f"k must be 1 or more, but {k} came")
    border = logits.topk(min(k, logits.shape[-1])).values[:, -1:]
    return logits.masked_fill(logits < border, 0.0)
