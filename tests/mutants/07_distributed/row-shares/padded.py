"""Pads the last share to full size. Caught by row-shares-check."""


def row_shares(rows: int, columns: int, world_size: int) -> list[int]:
    if min(rows, columns, world_size) < 1:
        raise ValueError("sizes of at least 1 were expected")
    return [columns * ceil(rows / world_size)] * world_size
