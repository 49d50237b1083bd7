"""Averages nothing. Caught by average-gradients-check."""


def average_gradients(gradients: list, rows: int, all_reduce: Callable, bucket: int) -> list:
    return [gradient.clone() for gradient in gradients]
