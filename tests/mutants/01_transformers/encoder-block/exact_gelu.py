"""Takes GELU without the form with tanh. Caught by encoder-block-check."""


def encoder_block(x: Tensor, bias: Tensor, w: dict, heads: int) -> Tensor:
    z = rms_norm(x, w["norm_1"])
    q, k, v = (z @ w[name] for name in "qkv")
    q, k, v = (t.view(len(x), heads, -1).transpose(0, 1) for t in (q, k, v))
    weights = torch.softmax(q @ k.transpose(1, 2) + bias, dim=-1)
    h = x + (weights @ v).transpose(0, 1).flatten(1) @ w["o"]
    z = rms_norm(h, w["norm_2"])
    gated = F.gelu(z @ w["gate"]) * (z @ w["up"])
    return h + gated @ w["down"]
