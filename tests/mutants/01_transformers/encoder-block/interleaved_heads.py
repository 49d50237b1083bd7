"""Gives a head every H-th column. Caught by encoder-block-check."""


def encoder_block(x: Tensor, bias: Tensor, w: dict, heads: int) -> Tensor:
    z = rms_norm(x, w["norm_1"])
    q, k, v = (z @ w[name] for name in "qkv")
    q, k, v = (t.view(len(x), -1, heads).permute(2, 0, 1) for t in (q, k, v))
    weights = torch.softmax(q @ k.transpose(1, 2) + bias, dim=-1)
    h = x + (weights @ v).transpose(0, 1).flatten(1) @ w["o"]
    z = rms_norm(h, w["norm_2"])
    gated = F.gelu(z @ w["gate"], approximate="tanh") * (z @ w["up"])
    return h + gated @ w["down"]
