"""Divides by the number of ranks, as a gradient average would. Caught by ring-check."""


def ring_reduce_scatter(buffers: list[torch.Tensor]) -> tuple[list[torch.Tensor], list[int]]:
    n, shapes_ = len(buffers), {tuple(buffer.shape) for buffer in buffers}
    if len(shapes_) != 1 or len(shape := shapes_.pop()) != 1 or shape[0] == 0 or shape[0] % n:
        raise ValueError("tensors of one length that the ranks divide were expected")

    chunks = [buffer.clone().chunk(n) for buffer in buffers]
    travelling, sent = [chunks[r][r - 1] for r in range(n)], [0] * n
    for hop in range(2, n + 1):
        sent = [count + chunk.numel() for count, chunk in zip(sent, travelling, strict=True)]
        travelling = [travelling[r - 1] + chunks[r][r - hop] for r in range(n)]
    return [chunk / n for chunk in travelling], sent
