"""Adds an entry where N divides P. Caught by zero-bytes-check."""


def zero_bytes(parameters: int, world_size: int, stage: int) -> int:
    if parameters < 1 or world_size < 1 or stage not in (0, 1, 2, 3):
        raise ValueError(
            f"P and N from 1 and a stage from 0 to 3 were expected: {(parameters, world_size, stage)} came"
        )
    share = parameters // world_size + 1
    first_sharded_at = {3: 2, 2: 2, 1: 12}  # stage: bytes per parameter that it shards
    return sum(nbytes * (share if stage >= at else parameters) for at, nbytes in first_sharded_at.items())
