"""The parity of a bit string by a small decoder: answered at once, after dots, or step by step.

The prompt has FRAME places and a question mark; a shorter string is filled up, so that step i stands at the same
distance behind bit i at every length. Part of the strings of each length is never trained on.
Source: Wies et al., Sub-Task Decomposition Enables Learning in Sequence to Sequence Tasks (2022), for parity as the
task that intermediate results make learnable.
"""

from collections.abc import Sequence
from functools import cache

import torch
from torch.nn import functional as F

from utils.errors import CourseError
from utils.models.small_transformers import GPT

FRAME = 12
SYMBOLS = "01_?.!"
EMPTY, ASK, DOT, END = range(2, 6)
KINDS = ("at once", "dots", "steps")
TRAINED = (1, 2, 3, 4, 5, 6, 8, 9, 10)
WIDTH, HEADS, BATCH, RATE, START = 32, 2, 64, 3e-3, 0.3


@cache
def strings(length: int, held_out: bool) -> torch.Tensor:
    """All bit strings of a length, (rows, length): those to train on, or the quarter that is kept from training.

    Both parts hold as many odd strings as even ones, so that one and the same answer to all is right for half of them.
    Up to three bits there are eight strings at most, and both parts hold them all.
    """
    numbers = torch.arange(2**length)
    bits = numbers[:, None] >> torch.arange(length) & 1
    if length <= 3:
        return bits
    order = torch.randperm(len(numbers), generator=torch.Generator().manual_seed(length))
    # A stable sort by parity, then every other one from each side: odd and even take turns.
    order = order[(bits[order].sum(1) % 2).argsort(stable=True)].view(2, -1).T.flatten()
    cut = len(numbers) // 4
    return bits[order[:cut] if held_out else order[cut:]]


def rows(bits: torch.Tensor, kind: str) -> torch.Tensor:
    """Whole sequences of token ids: prompt, what is written, end.

    bits: (B, n). Returns (B, FRAME + 1 + written + 1). Raises CourseError for another kind.

    >>> spell(rows(torch.tensor([[1, 0, 1]]), "steps")[0])
    '101_________?110!'
    """
    if kind not in KINDS:
        raise CourseError(f"The kind should be one of {', '.join(KINDS)}, but {kind!r} came: choose one of them.")
    count, length = bits.shape
    prompt = torch.full((count, FRAME + 1), EMPTY)
    prompt[:, :length], prompt[:, -1] = bits, ASK
    steps = bits.cumsum(1) % 2
    dots = torch.full((count, length - 1 if kind == "dots" else 0), DOT)
    written = steps if kind == "steps" else steps[:, -1:]
    return torch.cat([prompt, dots, written, torch.full((count, 1), END)], 1)


def spell(ids: Sequence[int]) -> str:
    """Token ids as one string: bits, `_` for an empty place, `?`, `.` for a dot, `!` for the end."""
    return "".join(SYMBOLS[i] for i in ids)


def train(kind: str, seed: int, steps: int) -> GPT:
    """A decoder of one block, trained on strings of the lengths in TRAINED. Only what it must write counts."""
    torch.manual_seed(seed)
    net = GPT(len(SYMBOLS), 2 * FRAME + 2, WIDTH, 1, HEADS)
    for table in (net.table, net.places):
        torch.nn.init.normal_(table.weight, std=START)
    optimizer = torch.optim.AdamW(net.parameters(), RATE, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    for _ in range(steps):
        pool = strings(TRAINED[torch.randint(len(TRAINED), ()).item()], held_out=False)
        ids = rows(pool[torch.randint(len(pool), (BATCH,))], kind)
        # Dots are given, never written: their place in the loss would drown the one answer.
        begin = ids.shape[1] - 2 if kind == "dots" else FRAME + 1
        logits = net(ids[:, :-1])[:, begin - 1 :]
        loss = F.cross_entropy(logits.flatten(0, 1), ids[:, begin:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return net.eval()


@torch.inference_mode()
def complete(net: GPT, kind: str, bits: torch.Tensor, temperature: float = 0.0) -> torch.Tensor:
    """Prompts and what the network writes after them, until every row has ended or nothing fits any more, (B, T).

    bits: (B, n). temperature: 0 takes the likeliest token each time, above 0 draws. What follows an end counts for
    nothing.
    """
    ids = rows(bits, kind)
    ids = ids[:, :-2] if kind == "dots" else ids[:, : FRAME + 1]
    for _ in range(FRAME + 1):
        logits = net(ids)[:, -1]
        if temperature:
            token = torch.multinomial((logits / temperature).softmax(-1), 1)
        else:
            token = logits.argmax(-1, keepdim=True)
        ids = torch.cat([ids, token], 1)
        if (ids == END).any(1).all():
            break
    return ids


def answers(net: GPT, kind: str, bits: torch.Tensor, temperature: float = 0.0) -> torch.Tensor:
    """What the network answers, (B,): the last bit before its first end, or -1. Arguments as of `complete`."""
    ids = complete(net, kind, bits, temperature)
    ended = ids == END
    answer = ids.gather(1, (ended.int().argmax(1, keepdim=True) - 1).clamp(min=0))[:, 0]
    return torch.where(ended.any(1) & (answer <= 1), answer, -1)


def accuracy(net: GPT, kind: str, length: int, held_out: bool = True, most: int = 400) -> float:
    """Share of right answers over strings of one length, as `strings` divides them; `most` of them at most."""
    bits = strings(length, held_out)[:most]
    return (answers(net, kind, bits) == bits.sum(1) % 2).float().mean().item()
