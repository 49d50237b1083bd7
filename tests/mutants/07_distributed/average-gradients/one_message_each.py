"""Sends every gradient by itself. Caught by average-gradients-messages."""


def average_gradients(gradients: list, rows: int, all_reduce: Callable, bucket: int) -> list:
    n = all_reduce(torch.tensor([float(rows)]))
    return [all_reduce(g.flatten() * rows).view_as(g) / n for g in gradients]
