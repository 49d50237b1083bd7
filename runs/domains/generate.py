"""The texts of both corpora, general and finance, and the rows of their tasks, drawn from a seed.

Splits differ in companies, people and places. Every text stands once in its split, and kinds come in fixed shares.
"""

import random
from collections.abc import Callable

from runs.domains import everyday, finance

SEED = 20261121
KINDS = {"general": everyday.KINDS, "finance": finance.KINDS}
BYTES = {"train": 940_000, "validation": 90_000, "test": 180_000}
ROWS = {"train": 600, "validation": 200, "test": 400}


def texts(name: str, split: str, seed: int) -> list[dict[str, str]]:
    """Different texts of one corpus, up to BYTES[split] bytes of text and JSON."""
    rng, kinds, found, size = random.Random(f"{name} {split} {seed}"), KINDS[name], {}, 0
    while True:
        kind = rng.choices(tuple(kinds), [weight for _, weight in kinds.values()])[0]
        text = kinds[kind][0](rng, split)
        # About 50 bytes of JSON stand around each text.
        size += len(text) + 50 if text not in found else 0
        if size > BYTES[split]:
            return [{"id": f"{split}_{i}", "kind": kind, "text": text} for i, (text, kind) in enumerate(found.items())]
        found.setdefault(text, kind)


def _distinct_rows(split: str, draw: Callable[[], dict[str, str]], key: Callable[[dict], str]) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    while len(found) < ROWS[split]:
        row = draw()
        found.setdefault(key(row), row)
    return [{"id": f"{split}_{i}", **row} for i, row in enumerate(found.values())]


def labelled(name: str, split: str, seed: int) -> list[dict[str, str]]:
    """Different headlines (finance) or incidents (general) with their sentiment."""
    rng = random.Random(f"labelled {name} {split} {seed}")

    def draw() -> dict[str, str]:
        if name == "finance":
            e = finance.draw(rng, split)
            return {"text": f"{e.headline}.", "sentiment": e.sentiment}
        i = everyday.draw(rng, split)
        return {"text": f"{i.text}.", "sentiment": i.sentiment}

    return _distinct_rows(split, draw, lambda row: row["text"])


def entities(name: str, split: str, seed: int) -> list[dict[str, str]]:
    """Different sentences about a company (finance) or a person (general), and the sector or place they belong to."""
    rng = random.Random(f"entities {name} {split} {seed}")
    entity = {"general": everyday.entity, "finance": finance.entity}[name]
    return _distinct_rows(
        split, lambda: dict(zip(("text", "kind"), entity(rng, split), strict=True)), lambda row: row["text"]
    )


FILES = {"texts": texts, "labelled": labelled, "entities": entities}  # the first part of a file's name, and its rows
