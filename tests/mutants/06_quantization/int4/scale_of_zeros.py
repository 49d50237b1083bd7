"""Gives zeros the scale 0. Caught by int4-check."""


def int4(weights: torch.Tensor, group: int) -> tuple[torch.Tensor, torch.Tensor]:
    require_finite(weights, "matrix")
    if type(group) is not int or group < 2 or group % 2 or weights.shape[1] % group:
        raise ValueError(f"an even group that divides {weights.shape[1]} columns was expected, but {group!r} came")
    parts = weights.float().unflatten(1, (-1, group))  # (rows, groups, group)
    scales = parts.abs().amax(-1) / 7
    codes = ((parts / scales[..., None]).nan_to_num().round() + 8).to(torch.uint8).flatten(1)
    return codes[:, ::2] | codes[:, 1::2] << 4, scales
