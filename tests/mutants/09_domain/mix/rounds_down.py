"""Cuts the number of rows in place of rounding it. Caught by mix-check."""


def mix(
    domain: torch.Tensor, general: torch.Tensor, share: float, rows: int, generator: torch.Generator
) -> torch.Tensor:
    if domain.ndim != 2 or general.ndim != 2 or not len(domain) or domain.shape[1] != general.shape[1]:
        raise ValueError(f"two tensors (n, T) were expected, but {domain.shape} and {general.shape} came")
    if not 0 <= share <= 1 or not isinstance(rows, int) or rows < 1:
        raise ValueError(f"a share in [0, 1] and rows of 1 or more were expected, but {share} and {rows} came")

    count = int(share * rows)
    chosen = [part[torch.arange(n) % len(part)] for part, n in ((domain, count), (general, rows - count))]
    return torch.cat(chosen)[torch.randperm(rows, generator=generator)]
