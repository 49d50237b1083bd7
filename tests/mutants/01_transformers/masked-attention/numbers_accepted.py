"""Takes a mask of numbers as bool. Caught by masked-attention-refusals-check."""


def masked_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    if not mask.any(dim=1).all():
        raise ValueError("a True in every row was expected")
    scores = q @ k.T / math.sqrt(q.shape[1])
    return torch.softmax(scores.masked_fill(~mask.bool(), -math.inf), dim=-1) @ v
