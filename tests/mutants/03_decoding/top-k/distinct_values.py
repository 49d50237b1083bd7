"""Counts a tie as one logit. Caught by top-k-check."""


def top_k(logits: torch.Tensor, k: int) -> torch.Tensor:
    if k < 1:
        raise ValueError(f"k must be 1 or more, but {k} came")
    rows = []
    for row in logits:
        best = row.unique().flip(0)[:k]
        rows.append(row.masked_fill(row < best[-1], -inf))
    return torch.stack(rows)
