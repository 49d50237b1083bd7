"""Training few weights of an encoder-decoder whose encoder stays as it is, so that each dialogue is read only once.

A row of training data is a tuple: what the encoder made of a prompt, and whatever else the loss takes.
"""

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from utils import models
from utils.errors import CourseError, at_least
from utils.runtime import release_memory, without_denormals
from utils.training.schedules import warmup_and_decay

if TYPE_CHECKING:
    import torch

    from utils.models import LanguageModel

WARM_UP, MAX_GRAD_NORM = 5, 1.0


@dataclass(frozen=True)
class Fit:
    """What a training took: wall clock in seconds, and the loss of each step in nats."""

    seconds: float
    losses: tuple[float, ...]


def encode(lm: "LanguageModel", prompts: Sequence[str], batch: int = 16) -> list["torch.Tensor"]:
    """The encoder's states of each prompt, (T, D) with the prompt's own T; no gradients."""
    import torch

    at_least(1, batch=batch)
    states = []
    for start in range(0, len(prompts), batch):
        tokens = lm.tokenizer(list(prompts[start : start + batch]), return_tensors="pt", padding=True, verbose=False)
        ids, mask = (tokens[name].to(lm.model.device) for name in ("input_ids", "attention_mask"))
        with torch.no_grad(), _autocast(lm):
            found = lm.model.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        states += [row[seen.bool()] for row, seen in zip(found, mask, strict=True)]
    return states


def log_probs(
    lm: "LanguageModel", states: Sequence["torch.Tensor"], texts: Sequence[str], ended: bool = True
) -> tuple["torch.Tensor", "torch.Tensor"]:
    """log p(text | prompt) of B texts in nats, (B,), with gradients; and their numbers of tokens, (B,).

    states: of `encode`. ended: the end-of-sequence token counts as one of the text; False: the text is a beginning.
    Raises CourseError when there is not one text for each prompt.
    """
    import torch
    from torch.nn.utils.rnn import pad_sequence
    from transformers.modeling_outputs import BaseModelOutput

    if len(states) != len(texts) or not texts:
        raise CourseError(f"One text for each prompt was expected, but {len(texts)} came for {len(states)} prompts.")
    seen = pad_sequence([torch.ones(len(row), dtype=torch.long) for row in states], batch_first=True)
    targets = [torch.tensor(lm.tokenizer(text)["input_ids"][: None if ended else -1]) for text in texts]
    labels = pad_sequence(targets, batch_first=True, padding_value=-100).to(lm.model.device)
    hidden = BaseModelOutput(pad_sequence(list(states), batch_first=True))
    with _autocast(lm):
        logits = lm.model(encoder_outputs=hidden, attention_mask=seen.to(labels.device), labels=labels).logits
    written = labels >= 0
    each = logits.float().log_softmax(-1).gather(-1, labels.clamp(min=0)[..., None])[..., 0]  # (B, T)
    return (each * written).sum(-1), written.sum(-1)


def score(
    lm: "LanguageModel", states: Sequence["torch.Tensor"], texts: Sequence[str], batch: int = 16, ended: bool = True
) -> "torch.Tensor":
    """`log_probs` of any number of texts, (N,), without gradients."""
    import torch

    at_least(1, batch=batch)
    starts = range(0, len(states), batch)
    with torch.no_grad():
        parts = [log_probs(lm, states[i : i + batch], texts[i : i + batch], ended)[0] for i in starts]
    return torch.cat(parts)


@without_denormals()  # saturated attention leaves such numbers, and they halve the speed
def fit(
    model: Any, loss_of: Callable[..., "torch.Tensor"], rows: Sequence[tuple], passes: int, batch: int, rate: float,
    seed: int = 0,
) -> Fit:  # fmt: skip
    """AdamW on the weights of `model` that take gradients.

    loss_of: takes the columns of a batch of rows. The rate rises for WARM_UP steps and falls to zero; a gradient longer
    than MAX_GRAD_NORM is cut to that length. Every pass has its own order of the rows.
    Raises CourseError when no weight takes gradients, there are no rows, a number is off, or the loss is not finite.
    """
    import torch

    at_least(1, passes=passes, batch=batch)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    if not weights or not rows or not 0 < rate < math.inf:
        raise CourseError(
            f"Weights that take gradients, rows and a rate above 0 were expected, but {len(weights)} weights, "
            f"{len(rows)} rows and rate {rate!r} came: correct the call."
        )
    optimizer, steps = torch.optim.AdamW(weights, rate, weight_decay=0.0), list(_steps(rows, passes, batch, seed))
    scheduler = warmup_and_decay(optimizer, len(steps), WARM_UP, "linear")
    losses, started_s = [], time.monotonic()
    for number, step in enumerate(steps):
        loss = loss_of(*zip(*step, strict=True))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, MAX_GRAD_NORM)
        optimizer.step()
        optimizer.zero_grad()
        scheduler.step()
        losses.append(loss.item())
        if not math.isfinite(losses[-1]):
            raise CourseError(f"The loss should be a number, but it is {losses[-1]} in step {number}: lower the rate.")
    took = Fit(time.monotonic() - started_s, tuple(losses))
    del loss, optimizer, scheduler
    release_memory()  # a service that starts next needs it
    return took


def _steps(rows: Sequence[tuple], passes: int, batch: int, seed: int):
    """Batches of rows, pass by pass."""
    shuffled = random.Random(seed)
    for _ in range(passes):
        order = shuffled.sample(list(rows), len(rows))
        yield from (order[start : start + batch] for start in range(0, len(order), batch))


def _autocast(lm: "LanguageModel"):
    """Matrix products in BF16 where that is faster; weights keep their type."""
    import torch

    device = lm.model.device.type
    return torch.autocast(device, torch.bfloat16, enabled=models.bf16_is_faster(device))
