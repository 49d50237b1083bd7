"""Rounds down and gives what is left to the last rank. Caught by row-shares-check."""


def row_shares(rows: int, columns: int, world_size: int) -> list[int]:
    if min(rows, columns, world_size) < 1:
        raise ValueError("sizes of at least 1 were expected")
    share = rows // world_size
    return [columns * share] * (world_size - 1) + [columns * (rows - share * (world_size - 1))]
