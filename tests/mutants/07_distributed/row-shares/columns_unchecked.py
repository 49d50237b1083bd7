"""Looks at rows and ranks, and takes a matrix without columns. Caught by row-shares-edges."""


def row_shares(rows: int, columns: int, world_size: int) -> list[int]:
    if min(rows, world_size) < 1:
        raise ValueError(f"sizes of at least 1 were expected, but {(rows, columns, world_size)} came")
    share = ceil(rows / world_size)
    return [columns * max(0, min(share, rows - rank * share)) for rank in range(world_size)]
