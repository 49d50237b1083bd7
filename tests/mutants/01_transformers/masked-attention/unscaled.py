"""Does not divide by the root of D. Caught by masked-attention-check."""


def masked_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    if mask.dtype != torch.bool or not mask.any(dim=1).all():
        raise ValueError("a bool mask with a True in every row was expected")
    scores = (q @ k.T).masked_fill(~mask, -math.inf)
    return torch.softmax(scores, dim=-1) @ v
