"""Normalises after each addition, as the first transformer did. Caught by encoder-block-check."""


def encoder_block(x: Tensor, bias: Tensor, w: dict, heads: int) -> Tensor:
    z = x
    q, k, v = (z @ w[name] for name in "qkv")
    q, k, v = (t.view(len(x), heads, -1).transpose(0, 1) for t in (q, k, v))
    weights = torch.softmax(q @ k.transpose(1, 2) + bias, dim=-1)
    h = rms_norm(x + (weights @ v).transpose(0, 1).flatten(1) @ w["o"], w["norm_1"])
    z = h
    gated = F.gelu(z @ w["gate"], approximate="tanh") * (z @ w["up"])
    return rms_norm(h + gated @ w["down"], w["norm_2"])
