"""Sums over positions instead of averaging. Caught by next-token-loss-check."""


def next_token_loss(logits: torch.Tensor, ids: torch.Tensor, pad_id: int) -> float:
    if logits.ndim != 2 or ids.shape != logits.shape[:1] or len(ids) < 2 or logits.isnan().any():
        raise ValueError(f"logits (T, V) and ids (T,) were expected, but {logits.shape} and {ids.shape} came")
    if (ids[1:] == pad_id).all():
        raise ValueError("a target other than padding was expected, but only padding came")
    return F.cross_entropy(logits[:-1], ids[1:], ignore_index=pad_id, reduction="sum").item()
