"""Write the dialogues that the second edition is tried on: `python -m runs.second_edition.make`.

The rows have what a program can check a summary by: the facts, and which choices of its convention a summary shows.
"""

import argparse
import random
from dataclasses import asdict
from pathlib import Path

from runs.cards import write_jsonl
from runs.conventions import DESKS
from runs.dialogues.generate import ROWS, SEED, UNSEEN
from runs.second_edition import frames


def rows(split: str, count: int, seed: int = SEED) -> list[dict]:
    """`count` different dialogues; conventions take turns, so that all have equally many rows."""
    rng = random.Random(f"second {split} {seed}")
    seen: dict[str, dict] = {}
    while len(seen) < count:
        f = frames.draw_frame(rng, split, UNSEEN, wide=False)
        dialogue, convention = frames.told(rng, f), DESKS[len(seen) % len(DESKS)]
        seen.setdefault(
            dialogue,
            {
                "id": f"{split}_{len(seen)}",
                "dialogue": dialogue,
                "summary": frames.summarize(f, convention),
                "topic": f.topic.name,
                "convention": str(convention),
                "shows": sorted(frames.shows(f)),
                "facts": asdict(frames.facts(f)),
            },
        )
    return list(seen.values())


def main() -> None:
    """Write the three splits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    for split, count in ROWS.items():
        write_jsonl(options.out / f"{split}.jsonl", rows(split, count))


if __name__ == "__main__":
    main()
