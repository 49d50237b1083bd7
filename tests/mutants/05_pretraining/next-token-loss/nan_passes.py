"""Lets NaN through. Caught by next-token-loss-check."""


def next_token_loss(logits: torch.Tensor, ids: torch.Tensor, pad_id: int) -> float:
    return F.cross_entropy(logits[:-1], ids[1:], ignore_index=pad_id).item()
