"""Does not look at the general rows. Caught by mix-check."""


def mix(
    domain: torch.Tensor, general: torch.Tensor, share: float, rows: int, generator: torch.Generator
) -> torch.Tensor:
    sizes = [tuple(part.shape) for part in (domain, domain)]
    if any(len(size) != 2 or size[0] < 1 for size in sizes) or sizes[0][1] != sizes[1][1]:
        raise ValueError(f"two tensors (n, T) with one T were expected, but {sizes} came")
    if not 0 <= share <= 1:
        raise ValueError(f"a share in [0, 1] was expected, but {share} came")
    if not isinstance(rows, int) or rows < 1:
        raise ValueError(f"rows must be an integer of 1 or more, but {rows!r} came")
    count = round(share * rows)
    chosen = [part[torch.arange(n) % len(part)] for part, n in ((domain, count), (general, rows - count))]
    return torch.cat(chosen)[torch.randperm(rows, generator=generator)]
