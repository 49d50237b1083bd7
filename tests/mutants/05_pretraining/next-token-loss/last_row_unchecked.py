"""Looks for NaN where something is predicted alone. Caught by next-token-loss-check."""


def next_token_loss(logits: torch.Tensor, ids: torch.Tensor, pad_id: int) -> float:
    if logits.ndim != 2 or ids.shape != logits.shape[:1] or len(ids) < 2 or logits[:-1].isnan().any():
        raise ValueError(
            f"logits (T, V) without NaN and ids (T,) were expected, but {logits.shape} and {ids.shape} came"
        )
    targets = ids[1:]
    counted = targets != pad_id
    if not counted.any():
        raise ValueError("a target other than padding was expected, but only padding came")
    each = -logits[:-1].log_softmax(-1)[torch.arange(len(targets)), targets]  # (T − 1,)
    return each[counted].mean().item()
