"""Takes logits that are almost equal for a tie. Caught by top-k-check."""


def top_k(logits: torch.Tensor, k: int) -> torch.Tensor:
    if k < 1:
        raise ValueError(f"k must be 1 or more, but {k} came")
    kth = logits.topk(min(k, logits.shape[1]), -1).values[:, -1:]
    return logits.masked_fill(logits < kth - 1e-3, -inf)
