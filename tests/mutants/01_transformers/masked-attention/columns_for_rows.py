"""Asks for a True in every column. Caught by masked-attention-refusals-check."""


def masked_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    if mask.dtype != torch.bool or not mask.any(dim=0).all():
        raise ValueError("a bool mask with a True in every column was expected")
    scores = q @ k.T / math.sqrt(q.shape[1])
    return torch.softmax(scores.masked_fill(~mask.bool(), -math.inf), dim=-1) @ v
