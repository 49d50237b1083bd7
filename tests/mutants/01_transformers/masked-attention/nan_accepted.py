"""Accepts numbers that are not finite. Caught by masked-attention-check."""


def masked_attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """softmax(q kᵀ / √D) v, where token t looks at token s only if mask[t, s] is True.

    q: (T, D), k: (S, D), v: (S, E), mask: (T, S) bool. Returns (T, E). Raises ValueError for input that does not fit.

    >>> masked_attention(torch.zeros(2, 1), torch.ones(2, 1), torch.tensor([[2.0], [6.0]]), torch.ones(2, 2).tril() > 0)
    tensor([[2.],
            [4.]])
    """
    ### BEGIN SOLUTION
    if {q.ndim, k.ndim, v.ndim} != {2} or q.shape[1] != k.shape[1] or len(k) != len(v) or not q.numel() * k.numel():
        raise ValueError(f"expected (T, D), (S, D), (S, E), got {[tuple(t.shape) for t in (q, k, v)]}")
    if mask.dtype != torch.bool or mask.shape != (len(q), len(k)):
        raise ValueError(f"expected a bool mask of {(len(q), len(k))}, got {mask.dtype} of {tuple(mask.shape)}")
    if not mask.any(dim=1).all():
        raise ValueError("expected finite numbers and a token to look at in every row, got NaN, inf or an empty row")
    scores = (q @ k.T / math.sqrt(q.shape[1])).masked_fill(~mask, -math.inf)
    return torch.softmax(scores, dim=-1) @ v
    ### END SOLUTION
