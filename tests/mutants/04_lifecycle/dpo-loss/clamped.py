"""Cuts the margin off at 100. Caught by dpo-loss-check."""


def dpo_loss(
    chosen: torch.Tensor, rejected: torch.Tensor, ref_chosen: torch.Tensor, ref_rejected: torch.Tensor, beta: float
) -> torch.Tensor:
    parts = (chosen, rejected, ref_chosen, ref_rejected)
    if any(t.ndim != 1 or t.shape != chosen.shape for t in parts) or not len(chosen):
        raise ValueError("four (B,) tensors with B >= 1 expected")
    if not all(t.isfinite().all() for t in parts):
        raise ValueError("finite values expected")
    if not 0 < beta < math.inf:
        raise ValueError("beta above 0 expected")
    margin = (chosen - ref_chosen) - (rejected - ref_rejected)
    return -torch.nn.functional.logsigmoid((beta * margin).clamp(-100, 100)).mean()
