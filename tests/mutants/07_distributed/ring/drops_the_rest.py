"""Cuts what the ranks do not divide instead of refusing it. Caught by ring-edges."""


def ring_reduce_scatter(buffers: list[torch.Tensor]) -> tuple[list[torch.Tensor], list[int]]:
    n = len(buffers)
    if not n or len({buffer.shape for buffer in buffers}) != 1 or buffers[0].dim() != 1 or not len(buffers[0]):
        raise ValueError("tensors of one length were expected")
    buffers = [buffer[: len(buffer) // n * n] for buffer in buffers]

    chunks = [buffer.clone().chunk(n) for buffer in buffers]
    travelling, sent = [chunks[r][r - 1] for r in range(n)], [0] * n
    for hop in range(2, n + 1):
        sent = [count + chunk.numel() for count, chunk in zip(sent, travelling, strict=True)]
        travelling = [travelling[r - 1] + chunks[r][r - hop] for r in range(n)]
    return travelling, sent
