"""Measure the bundled corpora and write their card in the hub's format; `runs.domains.make` calls it."""

import hashlib
import itertools
import json
from collections import Counter
from pathlib import Path

from runs.cards import read, table, words
from runs.dialogues.fillers import BY_SPLIT
from runs.domains import finance
from runs.domains.generate import FILES, KINDS, SEED
from utils.data import SPLITS

TEMPLATE = Path(__file__).with_name("card.md")


def rows(folder: Path, name: str, kind: str, split: str) -> list[dict[str, str]]:
    """The rows of one file."""
    return read(folder / name / f"{kind}_{split}.jsonl")


def file_lines(folder: Path) -> str:
    """Rows, bytes and checksum of every file."""
    found = []
    for name, kind, split in itertools.product(KINDS, FILES, SPLITS):
        raw = (folder / name / f"{kind}_{split}.jsonl").read_bytes()
        digest = hashlib.sha256(raw).hexdigest()
        found.append((f"`{name}/{kind}_{split}.jsonl`", f"{len(raw.splitlines()):,}", f"{len(raw):,}", f"`{digest}`"))
    return table(("file", "rows", "bytes", "sha256"), found)


def numbers(folder: Path) -> str:
    """Texts by kind, words and different words of both corpora."""
    lines = []
    for name, split in itertools.product(KINDS, SPLITS):
        texts = rows(folder, name, "texts", split)
        kinds = Counter(row["kind"] for row in texts)
        running = [word for row in texts for word in words(row["text"])]
        by_kind = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
        lines.append((name, split, by_kind, f"{len(running):,}", f"{len(set(running)):,}"))
    return table(("corpus", "split", "texts", "words", "different words"), lines)


def overlap(folder: Path) -> str:
    """What two splits share."""
    pools = {split: vars(BY_SPLIT[split]) for split in SPLITS}
    found = {"companies": {split: set(finance.COMPANIES[split]) for split in SPLITS}}
    found |= {
        kind: {split: set(pools[split][kind]) for split in SPLITS} for kind in ("names", "surnames", "cities", "venues")
    }
    for name in KINDS:
        found[f"{name} texts"] = {
            split: {row["text"] for row in rows(folder, name, "texts", split)} for split in SPLITS
        }
    pairs = tuple(itertools.combinations(SPLITS, 2))
    lines = [(kind, *(len(by[one] & by[other]) for one, other in pairs)) for kind, by in found.items()]
    return table(("in both", *(f"{one} and {other}" for one, other in pairs)), lines)


def card(folder: Path, seed: int = SEED) -> str:
    """The card of the files in `folder`."""
    shown = [rows(folder, name, kind, "test")[0] for name, kind in itertools.product(KINDS, FILES)]
    return TEMPLATE.read_text(encoding="utf-8").format(
        files=file_lines(folder),
        examples="```json\n" + "\n".join(json.dumps(row, ensure_ascii=False) for row in shown) + "\n```",
        numbers=numbers(folder),
        overlap=overlap(folder),
        seed=seed,
    )


def write(folder: Path, seed: int = SEED) -> None:
    """Write the card beside the files."""
    (folder / "README.md").write_text(card(folder, seed), encoding="utf-8")
