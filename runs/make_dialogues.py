"""Write the bundled dialogues and reviews: `python -m runs.make_dialogues`.

Every dialogue is grown from a frame, so its summary is known exactly. The frame is told in a *convention*, the house
style of the desk that wrote the summary. A dialogue alone does not show the convention; one solved example does.
"""

import argparse
import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path

from runs import reviews
from runs.conventions import CONVENTIONS, summarize
from runs.fillers import DAYS
from runs.frames import Frame, Person, draw_frame
from utils import runtime

ROWS = {"train": 1000, "validation": 216, "test": 540}


def opening(rng: random.Random, f: Frame) -> list[tuple[Person, str]]:
    """Both speakers' names come up, so that a summary may use them."""
    if f.helper.tag == "#Person1#":
        return [
            (f.helper, f"{f.welcome} {rng.choice(('This is', 'My name is'))} {f.helper.name}."),
            (f.asker, rng.choice((f"Hello, {f.helper.name}, it is {f.asker.name}.", f"Hi, I am {f.asker.name}."))),
        ]
    return [
        (f.asker, rng.choice((f"Good morning, {f.helper.name}.", f"Excuse me, are you {f.helper.name}?"))),
        (f.helper, rng.choice((f"Yes, and you must be {f.asker.name}.", f"Good to see you, {f.asker.name}."))),
    ]


def small_talk(rng: random.Random, f: Frame) -> list[tuple[Person, str]]:
    """Talk that must not enter the summary."""
    pair = rng.choice(
        (
            ("How are you today?", "A little tired, but fine."),
            ("What awful weather.", "Yes, I got wet on the way."),
            ("You look well.", "Thanks, I have just been on holiday."),
        )
    )
    return [(f.asker, pair[0]), (f.helper, pair[1])]


def request(rng: random.Random, f: Frame) -> list[tuple[Person, str]]:
    """The deed is asked for; the time comes with it, after a question, or after a correction."""
    turns = [(f.asker, f.asked)]
    if not f.when:
        return turns
    way = rng.choice(("question", "with", "correction"))
    if way == "with":
        return [(f.asker, f"{f.asked} {rng.choice(('It should be', 'I mean'))} {f.when}.")]
    turns.append((f.helper, rng.choice(("When should it be?", "For when?"))))
    if way == "question":
        return [*turns, (f.asker, f"{f.when[0].upper()}{f.when[1:]}, please.")]
    wrong = rng.choice([day for day in DAYS if day not in f.when])
    return [*turns, (f.asker, f"On {wrong}. {rng.choice(('No, sorry', 'Wait, no'))}, {f.when}.")]


def bargain(rng: random.Random, f: Frame) -> list[tuple[Person, str]]:
    """The price is asked for; sometimes a first, higher price is talked down."""
    if not f.price:
        return []
    turns = [(f.asker, rng.choice(("How much will it cost?", "What do you charge?")))]
    if rng.random() < 0.7:
        return [*turns, (f.helper, f"It costs {f.price}.")]
    first = f"{int(f.price.split()[0]) + 10 * rng.randint(1, 5)} dollars"
    return [
        *turns,
        (f.helper, f"{first}."),
        (f.asker, "That is too much."),
        (f.helper, f"{f.price}, then."),
    ]


def ending(rng: random.Random, f: Frame) -> list[tuple[Person, str]]:
    """The answer, and a goodbye."""
    if f.refusal:
        return [
            (f.helper, f"{rng.choice(('That will not work.', 'I have to say no.'))} {f.refusal.spoken}"),
            (f.asker, "What a pity."),
        ]
    yes = rng.choice(("Of course, I will do that.", "Yes, no problem.", "All right, that is settled."))
    return [
        (f.helper, yes),
        (f.asker, f"Thank you, {f.helper.name}." if rng.random() < 0.5 else "Thank you very much."),
    ]


def tell(rng: random.Random, f: Frame) -> str:
    """The dialogue of a frame, one `#PersonN#:` turn a line."""
    turns = opening(rng, f)
    if rng.random() < 0.3:
        turns += small_talk(rng, f)
    turns += request(rng, f) + bargain(rng, f) + ending(rng, f)
    spoken = [
        (tag, " ".join(text for _, text in run)) for tag, run in itertools.groupby(turns, lambda turn: turn[0].tag)
    ]
    return "\n".join(f"{tag}: {text}" for tag, text in spoken)


def stream(split: str, seed: int, invented: float = 0.0) -> Iterator[tuple[str, Frame]]:
    """Endless (dialogue, frame) pairs of one split; the same arguments give the same pairs."""
    rng = random.Random(f"{split} {seed}")
    while True:
        f = draw_frame(rng, split, invented)
        yield tell(rng, f), f


def rows(split: str, count: int, seed: int) -> list[dict[str, str]]:
    """`count` different dialogues in DialogSum's schema; conventions take turns, so that all have equally many rows."""
    seen: dict[str, dict[str, str]] = {}
    for dialogue, f in stream(split, seed):
        if len(seen) == count:
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
    """Write every split of dialogues and reviews."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=20261120)
    parser.add_argument("--out", type=Path, default=runtime.assets_dir())
    arguments = parser.parse_args()
    for split, count in ROWS.items():
        write_jsonl(arguments.out / "dialogues" / f"{split}.jsonl", rows(split, count, arguments.seed))
        write_jsonl(arguments.out / "reviews" / f"{split}.jsonl", reviews.rows(split, arguments.seed))


if __name__ == "__main__":
    main()
