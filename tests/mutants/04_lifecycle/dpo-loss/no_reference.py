"""Leaves the reference out. Caught by dpo-loss-check."""


def dpo_loss(
    chosen: torch.Tensor, rejected: torch.Tensor, ref_chosen: torch.Tensor, ref_rejected: torch.Tensor, beta: float
) -> torch.Tensor:
    given = (chosen, rejected, ref_chosen, ref_rejected)
    shapes = [tuple(values.shape) for values in given]
    if chosen.dim() != 1 or not len(chosen) or len(set(shapes)) > 1:
        raise ValueError(f"four tensors of one shape (B,) with B of 1 or more were expected, but {shapes} came")
    if not all(values.isfinite().all() for values in given):
        raise ValueError("finite log-probabilities were expected, but one is NaN or infinite")
    if not (0 < beta < math.inf):
        raise ValueError(f"a finite beta above 0 was expected, but {beta} came")
    margin = chosen - rejected
    return -torch.nn.functional.logsigmoid(beta * margin).mean()
