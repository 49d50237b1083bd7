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
from utils.models.small_transformers import GPT
from utils.training.schedules import warmup_and_decay

LAYERS, HEAD_WIDTH = 2, 16
RATE = 0.057  # best of those tried at width 8 and 32; the optimum falls as the root of the width
WARM_UP = 0.05


def _matrix(inputs: int, outputs: int) -> nn.Linear:
    """A matrix without biases. What leaves it starts at size 1, or less where it is added to the residual stream."""
    linear = nn.Linear(inputs, outputs, bias=False)
    # proj and down, which are not wider than their input, add to the stream 2·LAYERS times: GPT-2 scales these so.
    nn.init.normal_(linear.weight, std=inputs**-0.5 * ((2 * LAYERS) ** -0.5 if outputs <= inputs else 1))
    return linear


class Decoder(GPT):
    """A small GPT of two layers that predicts the value after a key. width: D, a whole number above 0.

    It has no biases outside its norms, and an output table of its own, so that N counts what multiplies.
    """

    def __init__(self, width: int):
        at_least(1, width=width)
        heads = max(1, width // HEAD_WIDTH)
        super().__init__(SYMBOLS, KEY_LENGTH, width, LAYERS, heads, linear=_matrix, approximate="tanh")
        with torch.no_grad():
            self.places.weight.mul_(0.1)  # positions nudge a symbol's vector, whose entries start at size 1
        self.output = nn.Linear(width, SYMBOLS, bias=False)
        nn.init.normal_(self.output.weight, std=width**-0.5)

    def head(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of the value, from the last place alone, (B, 3, D) -> (B, 64)."""
        return self.output(self.norm(x[:, -1]))

    @property
    def parameter_count(self) -> int:
        """Every trained number."""
        return sum(weight.numel() for weight in self.parameters())

    @property
    def non_embedding_parameters(self) -> int:
        """What is left without both symbol tables and the position table, as Kaplan et al. (2020) count."""
        tables = (self.table.weight, self.places.weight, self.output.weight)
        return self.parameter_count - sum(weight.numel() for weight in tables)


@dataclass(frozen=True)
class TrainingRun:
    """One trained decoder. tokens: those trained on, three for each fact. flops: 6ND. counted_flops: as PyTorch counts.

    loss: nats per value, expected over the language. held_out: kept from every fit.
    """

    width: int
    parameters: int
    non_embedding_parameters: int
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
) -> TrainingRun:
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
    planned_steps = max(1, round(planned / batch))
    scheduler = warmup_and_decay(optimizer, planned_steps, WARM_UP * planned_steps, "cosine")
    for _ in range(steps):
        keys, values = (part.to(device) for part in language.sample(batch, generator))
        F.cross_entropy(model(keys), values).backward()
        optimizer.step()
        optimizer.zero_grad()
        scheduler.step()
    seconds, size, seen = time.perf_counter() - start, model.parameter_count, tokens(facts)
    counted = float(steps * counted_flops(model.cpu(), batch))
    loss = language.expected_loss(model)
    return TrainingRun(
        width, size, model.non_embedding_parameters, seen, 6.0 * size * seen, counted, loss, seed, seconds, device
    )


def counted_flops(model: Decoder, batch: int) -> int:
    """FLOPs of one training step, counted by PyTorch operation by operation. Its counter knows plain attention only."""
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        model(torch.zeros(batch, KEY_LENGTH, dtype=torch.long)).sum().backward()
    model.zero_grad()
    return counter.get_total_flops()


def write(runs: Sequence[TrainingRun], path: Path) -> None:
    """One row per run."""
    with path.open("w", newline="") as file:
        rows = csv.DictWriter(file, [field.name for field in fields(TrainingRun)])
        rows.writeheader()
        rows.writerows(asdict(run) for run in runs)


def read(path: Path | None = None) -> list[TrainingRun]:
    """The runs of a sweep's table; by default the bundled one. Raises CourseError where there is none."""
    path = path or bundled.path("scaling/sweep.csv")
    if not path.exists():
        raise CourseError(
            f"{path.name} was expected in {path.parent}, but is not there: run python -m runs.scaling_sweep."
        )
    with path.open(newline="") as file:
        return [_run(row) for row in csv.DictReader(file)]


def _run(row: dict[str, str]) -> TrainingRun:
    """A row as a record; the columns say their own types."""
    convert = {"int": int, "float": float, "str": str, "bool": "True".__eq__}
    return TrainingRun(**{field.name: convert[field.type.__name__](row[field.name]) for field in fields(TrainingRun)})
