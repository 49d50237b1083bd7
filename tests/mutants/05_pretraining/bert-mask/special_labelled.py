"""Chooses special tokens too and restores the inputs alone. Caught by bert-mask-check."""


def bert_mask(
    ids: torch.Tensor, special: torch.Tensor, mask_id: int, vocabulary: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    if ids.ndim != 2 or ids.numel() == 0 or ids.is_floating_point():
        raise ValueError(f"ids must be whole numbers of shape (B, T), but {ids.dtype} of {tuple(ids.shape)} came")
    if special.dtype != torch.bool or special.shape != ids.shape:
        raise ValueError(f"special must be boolean {tuple(ids.shape)}, but {special.dtype} {tuple(special.shape)} came")

    chances = (
        torch.full(ids.shape, 0.15),
        torch.full(ids.shape, 0.8),
        torch.full(ids.shape, 0.5),
    )
    chosen, masked, changed = (torch.bernoulli(p, generator=generator).bool() for p in chances)
    noisy = torch.where(chosen & changed, torch.randint(vocabulary, ids.shape, generator=generator), ids)
    return noisy.masked_fill(chosen & masked, mask_id).where(~special, ids), ids.masked_fill(~chosen, -100)
