"""Measure the natural dialogues and write their card in the hub's format: `python -m runs.natural.card`.

The card's prose is in `card.md`; every number is computed here from the records and the rows.
"""

import argparse
import json
import re
from collections import Counter
from pathlib import Path

from runs.cards import read, share, spread, table, words
from runs.natural import records, telling
from runs.natural.records import OUTCOMES, Record
from utils import bundled
from utils.data import SPLITS

TEMPLATE = Path(__file__).with_name("card.md")


def numbers(rows: dict[str, list[dict]]) -> str:
    """Sizes of dialogues and summaries, and how they end, by split."""
    measures = {
        "rows": lambda part: f"{len(part):,}",
        "turns, least / mean / most": lambda part: spread([r["dialogue"].count("\n") + 1 for r in part], smallest=True),
        "words of a dialogue, mean / most": lambda part: spread([len(words(r["dialogue"])) for r in part]),
        "words of a summary, mean / most": lambda part: spread([len(words(r["summary"])) for r in part]),
        "vocabulary, words": lambda part: f"{len(vocabulary(part)):,}",
        "topics": lambda part: f"{len({r['topic'] for r in part}):,}",
        "three speakers": lambda part: share(len(r["speakers"]) > 2 for r in part),
        "a speaker's name is said": lambda part: share(any(s["name"] for s in r["speakers"]) for r in part),
    }
    for outcome in OUTCOMES:
        measures[f"outcome {outcome}"] = lambda part, outcome=outcome: share(r["outcome"] == outcome for r in part)
    return table(("", *rows), [(name, *map(measure, rows.values())) for name, measure in measures.items()])


def vocabulary(rows: list[dict]) -> set[str]:
    """The different words of dialogues and summaries."""
    return {word for row in rows for word in words(f"{row['dialogue']} {row['summary']}")}


def slots(found: list[Record]) -> str:
    """How many slots there are of each kind, and how many records have one."""
    kinds = Counter(slot.kind for r in found for slot in r.slots.values())
    having = Counter(kind for r in found for kind in {slot.kind for slot in r.slots.values()})
    return table(
        ("slot", "in all", "records with one"),
        [(kind, f"{count:,}", f"{having[kind]:,}") for kind, count in kinds.most_common()],
    )


def shared(rows: dict[str, list[dict]]) -> str:
    """What of a held-out split occurs in training: topics, and runs of ten words."""
    known = {gram for row in rows["train"] for gram in grams(row)}
    topics, known_words = {row["topic"] for row in rows["train"]}, vocabulary(rows["train"])
    return table(
        ("held out", "topics that training has", "rows with ten words in a row that training has", "words known"),
        [
            (
                split,
                sum(row["topic"] in topics for row in rows[split]),
                sum(bool(grams(row) & known) for row in rows[split]),
                share(word in known_words for word in vocabulary(rows[split])),
            )
            for split in ("validation", "test")
        ],
    )


def grams(row: dict, length: int = 10) -> set[tuple[str, ...]]:
    """All runs of words in a dialogue and its summary."""
    found = set()
    for text in (row["dialogue"], row["summary"]):
        said = re.findall(r"[a-z']+", re.sub(r"#Person\d#", "", text).lower())
        found |= {tuple(said[at : at + length]) for at in range(len(said) - length + 1)}
    return found


def card(assets: Path) -> str:
    """The card of the rows in `assets`."""
    rows = {
        split: [row for path in sorted((assets / "natural").glob(f"{split}_*.jsonl")) for row in read(path)]
        for split in SPLITS
    }
    found = [record for split in SPLITS for record in records.read_split(split)]
    choices = sum(len(slot.choices) for r in found for slot in r.slots.values())
    return TEMPLATE.read_text(encoding="utf-8").format(
        total=sum(map(len, rows.values())),
        records=len(found),
        numbers=numbers(rows),
        slots=slots(found),
        choices=choices,
        shared=shared(rows),
        shows=share(bool({"time", "price"} & telling.shows(r)) for r in found),
        example=json.dumps(rows["test"][0], indent=1, ensure_ascii=False),
        held_out=len(rows["test"]),
    )


def write(assets: Path) -> None:
    """Write the card of the rows in `assets` beside them."""
    (assets / "natural" / "README.md").write_text(card(assets), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=bundled.FOLDER)
    write(parser.parse_args().out)
