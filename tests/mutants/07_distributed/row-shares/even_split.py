"""Spreads the rows evenly, as torch.tensor_split does. Caught by row-shares-check."""


def row_shares(rows: int, columns: int, world_size: int) -> list[int]:
    if min(rows, columns, world_size) < 1:
        raise ValueError("sizes of at least 1 were expected")
    return [columns * (rows // world_size + (rank < rows % world_size)) for rank in range(world_size)]
