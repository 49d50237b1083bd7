"""Joins first and looks afterwards, so a bucket runs over. Caught by average-gradients-messages."""


def average_gradients(gradients: list, rows: int, all_reduce: Callable, bucket: int) -> list:
    n, buckets = all_reduce(torch.tensor([float(rows)])), []
    for gradient in reversed(gradients):
        if not buckets or sum(g.numel() for g in buckets[-1]) >= bucket:
            buckets.append([])
        buckets[-1].append(gradient)
    averaged = []
    for held in buckets:
        joined = torch.cat([g.flatten() for g in held]) * rows
        parts = (all_reduce(joined) / n).split([g.numel() for g in held])
        averaged += [p.view_as(g) for p, g in zip(parts, held, strict=True)]
    return averaged[::-1]
