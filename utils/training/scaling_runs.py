"""Small decoders trained on the keyed language, one row each: the runs that a scaling law is fitted to."""

import csv
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from utils import bundled
from utils.data.zipf_facts import KEY_LENGTH, SYMBOLS, Language
from utils.errors import CourseError, at_least

LAYERS, HEAD_WIDTH = 2, 16
RATE = 0.057  # best of those tried at width 8 and 32; the optimum falls as the root of the width
WARM_UP = 0.05


class Block(nn.Module):
    """Causal self-attention and a feed-forward network, layer norm first, no biases."""

    def __init__(self, width: int):
        super().__init__()
        self.heads = max(1, width // HEAD_WIDTH)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        shapes = {
            "qkv": (width, 3 * width),
            "out": (width, width),
            "up": (width, 4 * width),
            "down": (4 * width, width),
        }
        for name, (rows, columns) in shapes.items():
            linear = nn.Linear(rows, columns, bias=False)
            nn.init.normal_(linear.weight, std=rows**-0.5 * ((2 * LAYERS) ** -0.5 if name in ("out", "down") else 1))
            self.add_module(name, linear)

    def forward(self, x):  # (B, T, D) -> (B, T, D)
        q, k, v = self.qkv(self.norms[0](x)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)  # (B, H, T, D / H)
        x = x + self.out(mixed.transpose(1, 2).flatten(2))
        return x + self.down(F.gelu(self.up(self.norms[1](x)), approximate="tanh"))


class Decoder(nn.Module):
    """A decoder-only transformer of two layers that predicts the value after a key. width: a whole number above 0."""

    def __init__(self, width: int):
        super().__init__()
        at_least(1, width=width)
        self.symbols = nn.Embedding(SYMBOLS, width)
        self.places = nn.Parameter(0.1 * torch.randn(KEY_LENGTH, width))
        self.blocks = nn.Sequential(*(Block(width) for _ in range(LAYERS)))
        self.norm = nn.LayerNorm(width)
        self.logits = nn.Linear(width, SYMBOLS, bias=False)
        nn.init.normal_(self.logits.weight, std=width**-0.5)

    def forward(self, keys):  # (B, 3) -> (B, 64)
        return self.logits(self.norm(self.blocks(self.symbols(keys) + self.places)[:, -1]))

    @property
    def parameters_in_all(self) -> int:
        """Every trained number."""
        return sum(weight.numel() for weight in self.parameters())

    @property
    def parameters_inside(self) -> int:
        """What is left without both embedding tables and the position table, as Kaplan et al. (2020) count."""
        outside = (self.symbols.weight, self.places, self.logits.weight)
        return self.parameters_in_all - sum(weight.numel() for weight in outside)


@dataclass(frozen=True)
class Run:
    """One trained decoder. tokens: those trained on, three for each fact. flops: 6ND. counted_flops: as PyTorch counts.

    loss: nats per value, expected over the language. held_out: kept from every fit.
    """

    width: int
    parameters: int
    inside: int
    tokens: int
    flops: float
    counted_flops: float
    loss: float
    seed: int
    seconds: float
    device: str
    held_out: bool = False


def batch_size(facts: int) -> int:
    """Facts per step, a power of two that grows with the root of the run: small runs need their steps."""
    return 2 ** max(4, round(math.log2(facts**0.5 / 4)))


def tokens(facts: int) -> int:
    """Tokens of a run of so many facts: whole batches, three tokens for each fact."""
    return math.ceil(facts / batch_size(facts)) * batch_size(facts) * KEY_LENGTH


def train(
    width: int,
    facts: int,
    seed: int = 0,
    language: Language | None = None,
    planned: int | None = None,
    device: str = "cpu",
) -> Run:
    """Train one decoder on fresh facts with Adam, and judge it.

    planned: facts that the learning rate's cosine is made for; more than `facts` cuts the schedule short.
    Raises CourseError for a size that is not a whole number above 0, or a plan shorter than the run.
    """
    at_least(1, width=width, facts=facts)
    planned = planned or facts
    if planned < facts:
        raise CourseError(f"planned must be at least the {facts} facts of the run, but {planned} came: raise it.")
    start, language = time.perf_counter(), language or Language()
    torch.manual_seed(seed)
    model, generator = Decoder(width).to(device), torch.Generator().manual_seed(seed)
    batch = batch_size(facts)
    steps = math.ceil(facts / batch)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE * width**-0.5, betas=(0.9, 0.99), fused=True)
    scale = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _cosine(step, max(1, round(planned / batch))))
    for _ in range(steps):
        keys, values = (part.to(device) for part in language.draw(batch, generator))
        F.cross_entropy(model(keys), values).backward()
        optimizer.step()
        optimizer.zero_grad()
        scale.step()
    seconds, size, seen = time.perf_counter() - start, model.parameters_in_all, tokens(facts)
    counted = float(steps * counted_flops(model.cpu(), batch))
    loss = language.loss(model)
    return Run(width, size, model.parameters_inside, seen, 6.0 * size * seen, counted, loss, seed, seconds, device)


def _cosine(step: int, steps: int) -> float:
    """Share of the peak rate: up in a straight line, then down to zero along a cosine."""
    return min(1, (step + 1) / max(1, WARM_UP * steps)) * (1 + math.cos(math.pi * min(step / steps, 1))) / 2


def counted_flops(model: Decoder, batch: int) -> int:
    """FLOPs of one training step, counted by PyTorch operation by operation. Its counter knows plain attention only."""
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        model(torch.zeros(batch, KEY_LENGTH, dtype=torch.long)).sum().backward()
    model.zero_grad()
    return counter.get_total_flops()


def write(runs: Sequence[Run], path: Path) -> None:
    """One row per run."""
    with path.open("w", newline="") as file:
        rows = csv.DictWriter(file, [field.name for field in fields(Run)])
        rows.writeheader()
        rows.writerows(asdict(run) for run in runs)


def read(path: Path | None = None) -> list[Run]:
    """The runs of a sweep's table; by default the bundled one. Raises CourseError where there is none."""
    path = path or bundled.path("scaling/sweep.csv")
    if not path.exists():
        raise CourseError(
            f"{path.name} was expected in {path.parent}, but is not there: run python -m runs.scaling_sweep."
        )
    with path.open(newline="") as file:
        return [_run(row) for row in csv.DictReader(file)]


def _run(row: dict[str, str]) -> Run:
    """A row as a record; the columns say their own types."""
    convert = {"int": int, "float": float, "str": str, "bool": "True".__eq__}
    return Run(**{field.name: convert[field.type.__name__](row[field.name]) for field in fields(Run)})
