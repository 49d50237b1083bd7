"""Refuses only a mask that is False everywhere. Caught by masked-attention-refusals-check."""


def masked_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    if mask.dtype != torch.bool or not mask.any():
        raise ValueError("a bool mask with a True was expected")
    scores = q @ k.T / math.sqrt(q.shape[1])
    return torch.softmax(scores.masked_fill(~mask.bool(), -math.inf), dim=-1) @ v
