"""Takes a row too many where N divides the rows. Caught by row-shares-check."""


def row_shares(rows: int, columns: int, world_size: int) -> list[int]:
    if min(rows, columns, world_size) < 1:
        raise ValueError(f"sizes of at least 1 were expected, but {(rows, columns, world_size)} came")
    share = rows // world_size + 1
    return [columns * max(0, min(share, rows - rank * share)) for rank in range(world_size)]
