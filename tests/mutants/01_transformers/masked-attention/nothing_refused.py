"""Refuses nothing; an empty row becomes NaN. Caught by masked-attention-refusals-check."""


def masked_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    scores = q @ k.T / math.sqrt(q.shape[1])
    return torch.softmax(scores.masked_fill(~mask.bool(), -math.inf), dim=-1) @ v
