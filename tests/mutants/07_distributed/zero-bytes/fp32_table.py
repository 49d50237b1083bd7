"""Takes the 4 + 4 + 8 bytes of fp32. Caught by zero-bytes-check."""


def zero_bytes(parameters: int, world_size: int, stage: int) -> int:
    if parameters < 1 or world_size < 1 or stage not in (0, 1, 2, 3):
        raise ValueError("P and N from 1 and a stage from 0 to 3 were expected")

    share = -(-parameters // world_size)
    table = {3: 4, 2: 4, 1: 8}
    return sum(nbytes * (share if stage >= at else parameters) for at, nbytes in table.items())
