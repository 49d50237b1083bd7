"""Reshapes to heads without transposing, which mixes tokens. Caught by multi-head-check."""


def multi_head(
    x: torch.Tensor, w_q: torch.Tensor, w_k: torch.Tensor, w_v: torch.Tensor, w_o: torch.Tensor, heads: int
) -> torch.Tensor:
    """Multi-head self-attention of one text. x: (T, D), each w: (D, D). Returns (T, D).

    Raises ValueError for sizes that do not fit and for numbers that are not finite.

    >>> same = torch.eye(2)
    >>> multi_head(torch.tensor([[1.0, 2.0], [3.0, 6.0]]), 0 * same, same, same, same, 2)
    tensor([[2., 4.],
            [2., 4.]])
    """
    ### BEGIN SOLUTION
    given = (x, w_q, w_k, w_v, w_o)
    if x.ndim != 2 or not x.numel() or any(w.shape != (x.shape[1], x.shape[1]) for w in given[1:]):
        raise ValueError(f"expected (T, D) and four (D, D), got {[tuple(t.shape) for t in given]}")
    if heads < 1 or x.shape[1] % heads:
        raise ValueError(f"expected a number of heads that divides D = {x.shape[1]}, got {heads}")
    if not all(t.isfinite().all() for t in given):
        raise ValueError("expected finite numbers, got NaN or inf")
    split = [(x @ w).reshape(heads, len(x), -1) for w in (w_q, w_k, w_v)]  # (H, T, d)
    return F.scaled_dot_product_attention(*split).transpose(0, 1).flatten(1) @ w_o
    ### END SOLUTION
