"""Weighs by rows and forgets to divide. Caught by average-gradients-check."""


def average_gradients(gradients: list, rows: int, all_reduce: Callable, bucket: int) -> list:
    buckets = []
    for gradient in reversed(gradients):
        size = gradient.numel()
        if not buckets or sum(g.numel() for g in buckets[-1]) + size > bucket:
            buckets.append([])
        buckets[-1].append(gradient)
    averaged = []
    for held in buckets:
        joined = torch.cat([g.flatten() for g in held]) * rows
        parts = all_reduce(joined).split([g.numel() for g in held])
        averaged += [p.view_as(g) for p, g in zip(parts, held, strict=True)]
    return averaged[::-1]
