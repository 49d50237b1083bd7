"""Turns every chosen token into the mask. Caught by bert-mask-check."""


def bert_mask(
    ids: torch.Tensor, special: torch.Tensor, mask_id: int, vocabulary: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    if ids.ndim != 2 or ids.numel() == 0 or ids.is_floating_point() or special.shape != ids.shape:
        raise ValueError(
            f"ids (B, T) and special of that shape were expected, but {ids.shape} and {special.shape} came"
        )
    chosen = torch.bernoulli(torch.full(ids.shape, 0.15).masked_fill(special, 0), generator=generator).bool()
    return ids.masked_fill(chosen, mask_id), ids.masked_fill(~chosen, -100)
