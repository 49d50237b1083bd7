"""Asks for every token, not for the chosen ones. Caught by bert-mask-check."""


def bert_mask(
    ids: torch.Tensor, special: torch.Tensor, mask_id: int, vocabulary: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    if ids.ndim != 2 or ids.numel() == 0 or ids.is_floating_point() or special.shape != ids.shape:
        raise ValueError(
            f"ids (B, T) and special of that shape were expected, but {ids.shape} and {special.shape} came"
        )
    chances = (
        torch.full(ids.shape, 0.15).masked_fill(special, 0),
        torch.full(ids.shape, 0.8),
        torch.full(ids.shape, 0.5),
    )
    chosen, masked, changed = (torch.bernoulli(p, generator=generator).bool() for p in chances)
    noise = torch.randint(vocabulary, ids.shape, generator=generator)
    noisy = torch.where(chosen & changed, noise, ids).masked_fill(chosen & masked, mask_id)
    return noisy, ids.clone()
