"""Write the bundled dialogues and reviews: `python -m runs.dialogues.make`.

Every dialogue is grown from a frame, so its summary is known exactly. The frame is told in a *convention*, the house
style of the desk that wrote the summary. A dialogue alone does not show the convention; one solved example does.
"""

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path

from runs.dialogues import reviews
from runs.dialogues.conventions import CONVENTIONS, summarize
from runs.dialogues.events import Frame, draw_frame
from runs.dialogues.patterns import suitable, tell
from utils import runtime

SEED = 20261120
ROWS = {"train": 1080, "validation": 500, "test": 500}
TRAIN_LIKE = 12_460  # rows of DialogSum's training split
UNSEEN = 0.2  # share of test dialogues whose topic training never meets


def stream(
    split: str, seed: int, invented: float = 0.0, made_up: float = 0.0, unseen: float = 0.0
) -> Iterator[tuple[str, Frame]]:
    """Endless (dialogue, frame) pairs of one split; the same arguments give the same pairs. See `draw_frame`."""
    rng = random.Random(f"{split} {seed}")
    while True:
        f = draw_frame(rng, split, invented, made_up, unseen)
        yield tell(rng, f, rng.choice(suitable(f))), f


def rows(split: str, count: int, seed: int) -> list[dict[str, str]]:
    """`count` different dialogues in DialogSum's schema; conventions take turns, so that all have equally many rows."""
    seen: dict[str, dict[str, str]] = {}
    for dialogue, f in stream(split, seed, unseen=UNSEEN):
        if len(seen) >= count:
            return list(seen.values())
        if dialogue not in seen:
            convention = CONVENTIONS[len(seen) % len(CONVENTIONS)]
            seen[dialogue] = {
                "id": f"{split}_{len(seen)}",
                "dialogue": dialogue,
                "summary": summarize(f, convention),
                "topic": f.topic.name,
                "convention": str(convention),
            }


def write_jsonl(path: Path, records: list[dict[str, str]]) -> None:
    """One JSON object a line, UTF-8; the folder is made when it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


def main() -> None:
    """Write every split of dialogues and reviews, and their card."""
    from runs.dialogues import card  # which imports this module

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--train-rows", type=int, default=ROWS["train"], help=f"DialogSum has {TRAIN_LIKE:,}")
    parser.add_argument("--out", type=Path, default=runtime.assets_dir())
    arguments = parser.parse_args()
    for split, count in (ROWS | {"train": arguments.train_rows}).items():
        write_jsonl(arguments.out / "dialogues" / f"{split}.jsonl", rows(split, count, arguments.seed))
        write_jsonl(arguments.out / "reviews" / f"{split}.jsonl", reviews.rows(split, arguments.seed))
    card.write(arguments.out, arguments.seed)


if __name__ == "__main__":
    main()
