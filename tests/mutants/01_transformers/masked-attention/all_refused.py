"""Refuses every mask. Caught by masked-attention-refusals-check."""


def masked_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    raise ValueError("a bool mask with a True in every row was expected")
