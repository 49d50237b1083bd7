"""Refuses 0 and takes a negative k for one that counts from the end. Caught by top-k-edges."""


def top_k(logits: torch.Tensor, k: int) -> torch.Tensor:
    if k == 0:
        raise ValueError("k must not be 0")
    border = logits.sort(-1, descending=True).values[:, : min(k, logits.shape[-1])][:, -1:]
    return logits.masked_fill(logits < border, -inf)
