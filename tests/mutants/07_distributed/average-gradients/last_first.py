"""Returns the gradients in the order in which they were sent. Caught by average-gradients-check."""


def average_gradients(gradients: list, rows: int, all_reduce: Callable, bucket: int) -> list:
    n, buckets = all_reduce(torch.tensor([float(rows)])), []
    for gradient in reversed(gradients):
        size = gradient.numel()
        if not buckets or sum(g.numel() for g in buckets[-1]) + size > bucket:
            buckets.append([])
        buckets[-1].append(gradient)
    averaged = []
    for held in buckets:
        joined = torch.cat([g.flatten() for g in held]) * rows
        parts = (all_reduce(joined) / n).split([g.numel() for g in held])
        averaged += [p.view_as(g) for p, g in zip(parts, held, strict=True)]
    return averaged
