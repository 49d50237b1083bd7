"""Recall: a list of pairs, key and value, then one key. What a recurrent network and a transformer layer answer.

Length of the list (load) and place of the pair asked for (distance) vary apart from each other. `train` asks a
recurrent network for every pair of a list, which the state after the list allows at the cost of one more step each.
Derived in: chapter 01.
"""

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from utils import bundled
from utils.errors import CourseError

KEYS, VALUES, LONGEST, SHORT = 12, 4, 12, 4
ASKED = VALUES  # the value that stands for "which one?"
TABLE = "recall/gru.csv"


def pairs(rows: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Lists of `count` pairs with different keys: keys and values, (rows, count) each."""
    return torch.rand(rows, KEYS).argsort(1)[:, :count], torch.randint(VALUES, (rows, count))


class Recall(nn.Module):
    """Embeddings, one layer, logits of the value asked for. kind: "GRU" or "transformer". width: of all vectors."""

    def __init__(self, kind: str, width: int):
        super().__init__()
        self.keys, self.values = nn.Embedding(KEYS, width), nn.Embedding(VALUES + 1, width)
        self.layer = (
            nn.GRU(width, width, batch_first=True)
            if kind == "GRU"
            else nn.TransformerEncoderLayer(width, 4, 2 * width, 0.0, batch_first=True, norm_first=True)
        )
        self.out = nn.Linear(width, VALUES)

    def forward(self, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:  # (B, T), (B, T) -> (B, VALUES)
        out = self.layer(self.keys(keys) + self.values(values))
        return self.out((out[0] if isinstance(self.layer, nn.GRU) else out)[:, -1])

    def answer(self, keys: torch.Tensor, values: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
        """Logits after the list and the key at `place`, (B, T), (B, T), (B,) -> (B, VALUES)."""
        asked = keys.gather(1, place[:, None])
        return self(torch.cat([keys, asked], 1), F.pad(values, (0, 1), value=ASKED))

    def loss(self, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """Cross-entropy: of every pair in turn for a GRU, which goes on from one state; of one pair for attention."""
        if not isinstance(self.layer, nn.GRU):
            place = torch.randint(keys.shape[1], (len(keys),))
            return F.cross_entropy(self.answer(keys, values, place), values.gather(1, place[:, None])[:, 0])
        _, state = self.layer(self.keys(keys) + self.values(values))
        questions = (self.keys(keys) + self.values.weight[ASKED]).flatten(0, 1)[:, None]  # (B·T, 1, D)
        out, _ = self.layer(questions, state.repeat_interleave(keys.shape[1], 1))
        return F.cross_entropy(self.out(out[:, 0]), values.flatten())


def train(kind: str, width: int, seed: int, steps: int, rate: float, rows: int = 64) -> Recall:
    """A network trained on lists of 1 to 12 pairs, half of them of at most 4; the rate falls in the second half."""
    torch.manual_seed(seed)
    net = Recall(kind, width)
    optimizer = torch.optim.Adam(net.parameters(), rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min(1, s / 50, 2 * (1 - s / steps)))
    for _ in range(steps):
        longest = SHORT if torch.rand(()) < 0.5 else LONGEST
        loss = net.loss(*pairs(rows, int(torch.randint(1, longest + 1, ()))))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return net.eval()


def accuracy(net: Recall, count: int, place: int | None = None, rows: int = 2000) -> float:
    """Share of new lists of `count` pairs answered right. place: of the pair asked for, from 0; None draws it."""
    keys, values = pairs(rows, count)
    at = torch.randint(count, (rows,)) if place is None else torch.full((rows,), place)
    with torch.inference_mode():
        right = net.answer(keys, values, at).argmax(1) == values.gather(1, at[:, None])[:, 0]
    return right.float().mean().item()


@dataclass(frozen=True)
class Score:
    """Share of right answers of one trained GRU. place: of the pair asked for, from 0; -1 where it was drawn."""

    width: int
    seed: int
    pairs: int
    place: int
    accuracy: float


def read(path: Path | None = None) -> list[Score]:
    """The scores of a table; by default the bundled one. Raises CourseError where it is not such a table."""
    path = path or bundled.path(TABLE)
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return [Score(*(int(row[f.name]) for f in fields(Score)[:-1]), float(row["accuracy"])) for row in rows]
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise CourseError(
            f"{path.name} should be a table of recall scores, but is not ({type(error).__name__}): "
            "make it with `python -m runs.recall`."
        ) from error


def write(scores: Iterable[Score], path: Path) -> None:
    """A table of scores, one row each."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, [f.name for f in fields(Score)], lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(score) | {"accuracy": f"{score.accuracy:.4f}"} for score in scores)
