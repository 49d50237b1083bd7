"""Shards only the part a stage adds, not those before it. Caught by zero-bytes-check."""


def zero_bytes(parameters: int, world_size: int, stage: int) -> int:
    if parameters < 1 or world_size < 1 or stage not in (0, 1, 2, 3):
        raise ValueError("P and N from 1 and a stage from 0 to 3 were expected")

    share = -(-parameters // world_size)
    table = {3: 2, 2: 2, 1: 12}
    return sum(nbytes * (share if stage == at else parameters) for at, nbytes in table.items())
