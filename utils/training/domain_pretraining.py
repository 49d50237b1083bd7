"""Small decoders that pre-train on a mixture of domains in seconds: tokenizer, blocks, training, losses, answers.

The shape is BloombergGPT's in small: the BLOOM family, with positions by ALiBi and one table for input and output.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from utils.data.domains import MultipleChoice
from utils.errors import CourseError, at_least
from utils.models import from_spec, published, specs
from utils.models.specs import ModelSpec
from utils.runtime import without_denormals

END = "<end>"
INITIALIZER_RANGE = (
    0.1  # of initial weights; BLOOM's 0.02 suits a width of thousands, and costs a narrow model many steps
)


def train_bpe(texts: Sequence[str], size: int = 2048) -> Any:
    """A byte-level BPE tokenizer of `size` pieces (tokenizers library), which has a token for any text.

    Raises CourseError when size is not larger than the 256 bytes and the end token, or there is no text.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    at_least(258, size=size)
    at_least(1, texts=len(texts))
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    options = {"initial_alphabet": pre_tokenizers.ByteLevel.alphabet(), "show_progress": False}
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, special_tokens=[END], **options))
    return tokenizer


def blocks(tokenizer: Any, texts: Sequence[str], length: int = 64) -> Tensor:
    """The texts behind each other, END before each, cut into whole blocks (n, length); what is left over is dropped.

    Raises CourseError when the texts do not fill one block.
    """
    stream = [i for line in tokenizer.encode_batch([END + text for text in texts]) for i in line.ids]
    if len(stream) < length:
        raise CourseError(f"The texts should fill a block of {length} tokens, but {len(stream)} came: give more text.")
    return torch.tensor(stream[: len(stream) // length * length]).view(-1, length)


def bloom_spec(width: int, layers: int, vocabulary: int = 2048, window: int = 64) -> ModelSpec:
    """A decoder of the BLOOM family with 4 heads; its `parameters` are counted by formula.

    >>> bloom_spec(64, 1).parameters
    181312
    """
    spec = specs.decoder(width, 4, layers, vocabulary, window, name=f"{width} wide, {layers} layers")
    return replace(spec, family=published.BLOOM, position_rows=0)


def untrained(spec: ModelSpec, seed: int = 0) -> Any:
    """The model of a shape with the initial weights of a seed: the same seed gives the same weights."""
    return from_spec.untrained(spec, seed, initializer_range=INITIALIZER_RANGE).eval()


@without_denormals()
def pretrain(net: Any, text: Tensor, batch: int = 8, peak: float = 1e-2) -> float:
    """Next-token training in place on every block of text (n, T) once, in order, `batch` blocks a step.

    AdamW under a one-cycle schedule: along cosines the rate climbs from peak / 25 to `peak` in a tenth of the steps and
    falls to zero, while the first beta goes from 0.95 to 0.85 and back. Returns seconds of processor time.
    Raises CourseError when there are not two whole steps.
    Source: Smith and Topin, Super-Convergence (2018), for the schedule.
    """
    steps, began = len(text) // batch, time.process_time()
    at_least(2, steps=steps)
    # OneCycleLR sets the first beta itself.
    optimizer = torch.optim.AdamW(net.parameters(), betas=(0.9, 0.98), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=steps, pct_start=0.1)
    net.train()
    for x in text[: steps * batch].split(batch):  # (B, T)
        logits = net(input_ids=x).logits  # (B, T, V)
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), x[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    net.eval()
    return time.process_time() - began


@torch.inference_mode()
def losses(net: Any, text: Tensor) -> list[float]:
    """The mean loss of each block of text (n, T), in nats per token."""
    found = []
    for x in text.split(64):
        logits = net(input_ids=x).logits
        found += F.cross_entropy(logits[:, :-1].transpose(1, 2), x[:, 1:], reduction="none").mean(1).tolist()
    return found


@torch.inference_mode()
def accuracy(net: Any, tokenizer: Any, items: Sequence[MultipleChoice]) -> list[float]:
    """1 for each item whose answer is the likeliest of its choices as the next token, else 0.

    Raises CourseError when a choice is not one token of this tokenizer.
    """
    first = tokenizer.token_to_id(END)
    prompts = [[first, *tokenizer.encode(item.prompt).ids] for item in items]
    longest = max(map(len, prompts))
    logits = net(input_ids=torch.tensor([ids + [first] * (longest - len(ids)) for ids in prompts])).logits
    found = []
    for row, ids, item in zip(logits, prompts, items, strict=True):
        choices = torch.tensor([_token(tokenizer, choice) for choice in item.choices])
        found.append(float(row[len(ids) - 1, choices].argmax() == item.answer))
    return found


def _token(tokenizer: Any, choice: str) -> int:
    ids = tokenizer.encode(choice).ids
    if len(ids) != 1:
        raise CourseError(f"The choice {choice!r} should be one token, but {len(ids)} came: train on more of its text.")
    return ids[0]
