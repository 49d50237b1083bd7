"""Goes below zero for ranks that come after the last row. Caught by row-shares-check."""


def row_shares(rows: int, columns: int, world_size: int) -> list[int]:
    if min(rows, columns, world_size) < 1:
        raise ValueError("sizes of at least 1 were expected")
    share = ceil(rows / world_size)
    return [columns * min(share, rows - rank * share) for rank in range(world_size)]
