"""Streams and rows of dialogues, drawn from a seed.

Every dialogue is grown from a frame, so its summary is known exactly. The frame is told in a *convention*, the house
style of the desk that wrote the summary. A dialogue alone does not show the convention; one solved example does.
"""

import random
from collections.abc import Iterator

from runs.dialogues.conventions import CONVENTIONS, summarize
from runs.dialogues.events import Frame, draw_frame
from runs.dialogues.patterns import suitable, tell

SEED = 20261120
ROWS = {"train": 1080, "validation": 500, "test": 500}
TRAIN_LIKE = 12_460  # rows of DialogSum's training split
UNSEEN = 0.2  # share of test dialogues whose topic training never meets


def stream(
    split: str, seed: int, invented: float = 0.0, made_up: float = 0.0, unseen: float = 0.0
) -> Iterator[tuple[str, Frame]]:
    """Endless (dialogue, frame) pairs of one split; the same arguments give the same pairs. See `draw_frame`."""
    # `Random` hashes a text by SHA-512, so the stream is the same on every machine, and no split repeats another's.
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
