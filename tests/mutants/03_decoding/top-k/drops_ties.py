"""Keeps exactly k, so it drops ties of the k-th. Caught by top-k-check."""


def top_k(logits: torch.Tensor, k: int) -> torch.Tensor:
    if k < 1:
        raise ValueError(f"k must be 1 or more, but {k} came")
    best = logits.topk(min(k, logits.shape[-1]))
    return torch.full_like(logits, -inf).scatter(-1, best.indices, best.values)
