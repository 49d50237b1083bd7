"""Forgets to divide by the root of D. Caught by attend-next-check."""


def attend_next(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, cache: tuple | None) -> tuple:
    """Attention of the newest token, as the pair (output (D,), (keys (t+1, D), values (t+1, D))).

    Raises ValueError for input that does not fit.

    >>> attend_next(torch.zeros(1), torch.ones(1), torch.tensor([6.0]), (torch.ones(1, 1), torch.tensor([[2.0]])))[0]
    tensor([4.])
    """
    ### BEGIN SOLUTION
    width = q.shape[-1:]
    if any(t.shape != width or not t.numel() or not t.isfinite().all() for t in (q, k, v)):
        raise ValueError(f"expected three finite (D,), got {[tuple(t.shape) for t in (q, k, v)]}, or NaN or inf")
    keys, values = (k[None], v[None]) if cache is None else cache
    if cache is not None:
        if keys.shape != values.shape or keys.shape[1:] != width:
            raise ValueError(f"expected a cache of two (t, {len(q)}), got {tuple(keys.shape)}, {tuple(values.shape)}")
        keys, values = torch.cat([keys, k[None]]), torch.cat([values, v[None]])
    weights = torch.softmax(keys @ q, dim=0)  # (t + 1,)
    return weights @ values, (keys, values)
    ### END SOLUTION
