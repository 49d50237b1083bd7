"""Cuts the flattened matrix, as if rows could be cut in two. Caught by row-shares-check."""


def row_shares(rows: int, columns: int, world_size: int) -> list[int]:
    if min(rows, columns, world_size) < 1:
        raise ValueError("sizes of at least 1 were expected")
    share = ceil(rows * columns / world_size)
    return [max(0, min(share, rows * columns - rank * share)) for rank in range(world_size)]
