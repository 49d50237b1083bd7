"""Write the natural dialogues as a data set, and its card: `python -m runs.natural.make`.

Every record of `written/` is told once, with the names and words that its writer chose; `--tellings 5` adds four more
rows a record for training, with other names, things, times and prices.
"""

import argparse
import random
from pathlib import Path

from runs import manifest
from runs.cards import write_jsonl
from runs.conventions import DESKS
from runs.natural import card, records, telling
from runs.natural.records import Record
from runs.natural.telling import Filling
from utils import bundled
from utils.data import SPLITS
from utils.data.conventions import PLAIN, Convention

ROWS_A_FILE = 600  # below a megabyte, so that a change shows where it was made


def row(r: Record, f: Filling, name: str, styled: Convention) -> dict:
    """One row in DialogSum's fields, with what a program can check a summary by.

    styled: the convention of a second summary, for experiments with examples.
    """
    tags, values = telling.tags(r), {**f.spoken, **f.names}
    said = " ".join(text for _, text in r.turns)
    speakers = [
        {
            "tag": tags[s.letter],
            "name": f.names[s.letter] if f"{{{s.letter}}}" in said else "",
            "role": f"the {s.role}" if s.role else "",
        }
        for s in r.speakers
    ]
    keys = [
        [telling.substitute(text, values, opens=False) for text in group] for group in (r.outcome_key, *r.fact_keys)
    ]
    return {
        "id": name,
        "dialogue": telling.dialogue(r, f),
        "summary": telling.summary(r, f, PLAIN),
        "topic": r.topic,
        "convention": str(PLAIN),
        "outcome": r.outcome,
        "speakers": sorted(speakers, key=lambda one: one["tag"]),
        **({"keys": keys} if r.outcome_key else {}),
        "styled_summary": telling.summary(r, f, styled),
        "styled_convention": str(styled),
        "shows": sorted(telling.shows(r)),
    }


def rows(split: str, tellings: int = 1) -> list[dict]:
    """The rows of a split, in the order of the records; held-out ones are told once. Conventions take turns."""
    found = []
    for r in records.read_split(split):
        for number in range(tellings if split == "train" else 1):
            f = telling.fill(r, random.Random(f"{r.name} {number}"), own=number == 0)
            name = f"{r.name}_{number}" if number else r.name
            found.append(row(r, f, name, DESKS[len(found) % len(DESKS)]))
    return found


def main() -> None:
    """Write the three splits, each in files of at most ROWS_A_FILE rows, and the card."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tellings", type=int, default=1, help="rows of a training record")
    parser.add_argument("--out", type=Path, default=bundled.FOLDER)
    options = parser.parse_args()
    folder = options.out / "natural"
    written = []
    for split in SPLITS:
        found = rows(split, options.tellings)
        for earlier in folder.glob(f"{split}_*.jsonl"):
            earlier.unlink()
        for number, start in enumerate(range(0, len(found), ROWS_A_FILE), 1):
            path = folder / f"{split}_{number:02}.jsonl"
            written.append(write_jsonl(path, found[start : start + ROWS_A_FILE]))
    card.write(options.out)
    manifest.record(written, "runs.natural.make")


if __name__ == "__main__":
    main()
