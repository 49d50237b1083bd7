"""Joins all gradients, whatever the bucket. Caught by average-gradients-messages."""


def average_gradients(gradients: list, rows: int, all_reduce: Callable, bucket: int) -> list:
    n = all_reduce(torch.tensor([float(rows)]))
    joined = torch.cat([g.flatten() for g in gradients]) * rows
    parts = (all_reduce(joined) / n).split([g.numel() for g in gradients])
    return [p.view_as(g) for p, g in zip(parts, gradients, strict=True)]
