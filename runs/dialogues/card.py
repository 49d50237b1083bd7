"""Measure the bundled dialogues and reviews and write their card in the hub's format: `python -m runs.dialogues.card`.

The card's prose is in `card.md`; every number is computed here, from the files and the generator's lists.
Beside the bundled rows stands a training split as large as DialogSum's, which is grown for the count and not kept.
"""

import argparse
import itertools
import json
import re
import statistics
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

from runs.cards import read, share, spread, table, words
from runs.dialogues import fillers, generate, patterns, reviews
from runs.dialogues.conventions import CHOICES, CONVENTIONS
from runs.dialogues.events import MADE_UP_TOPICS, REFUSED
from runs.dialogues.fillers import BY_SPLIT, DAYS
from runs.dialogues.generate import SEED, TRAIN_LIKE
from runs.dialogues.topics import TOPICS
from utils import bundled
from utils.data import SPLITS, Dialogue, Review

BY_HAND, LARGE = "hand-written", "train-like"
PAIRS = tuple(itertools.combinations(SPLITS, 2))
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))
SEEN = {topic.name for topic in TOPICS if topic.seen}
UNSEEN = {topic.name for topic in TOPICS if not topic.seen}

TEMPLATE = Path(__file__).with_name("card.md")


def says(pattern: str) -> Callable[[list[Dialogue]], str]:
    """The share of summaries in which the regular expression is found."""
    return lambda rows: share(bool(re.search(pattern, row.summary)) for row in rows)


def counts(field: str) -> Callable[[list[Dialogue]], str]:
    """Mean and most words of a field."""
    return lambda rows: spread([len(words(getattr(row, field))) for row in rows])


def vocabulary(rows: Iterable[Dialogue]) -> set[str]:
    """The different words of dialogues and summaries."""
    return {word for row in rows for word in words(f"{row.dialogue} {row.summary}")}


NUMBERS: dict[str, Callable[[list[Dialogue]], str]] = {
    "rows": lambda rows: f"{len(rows):,}",
    "turns, least / mean / most": lambda rows: spread([row.dialogue.count("\n") + 1 for row in rows], smallest=True),
    "words of a dialogue, mean / most": counts("dialogue"),
    "words of a summary, mean / most": counts("summary"),
    "vocabulary, words": lambda rows: f"{len(vocabulary(rows)):,}",
    "topics": lambda rows: str(len({row.topic for row in rows})),
    "conventions": lambda rows: str(len({row.convention for row in rows})),
    "refused": says(r"\brefuse[sd]\b|\bNo because of\b|\bnot possible\b"),
    "with a day": says(rf"\b({'|'.join(DAYS)})\b"),
    "with a price": says(r"\bfor \d+ dollars\b"),
}


def same_name(rows: Iterable[Dialogue]) -> float:
    """Of the summaries that use names, the share with the same name for both speakers."""
    summaries = [row.summary for row in rows if row.convention.startswith("name-")]
    return statistics.mean(bool(re.search(r"(\w+) ask(?:s|ed) \1 to ", summary)) for summary in summaries)


def pools(split: str) -> dict[str, set]:
    """What the generator may put into a dialogue of one split, by kind; training's made-up topics included."""
    f, made_up = BY_SPLIT[split], fillers.WORKSHOP.nouns if split == "train" else ()
    return {
        "names": {*f.names, *f.surnames},
        "places": {*f.streets, *f.cities, *f.venues},
        "qualities": set(f.qualities),
        "things": {*made_up, *(item for topic in TOPICS for item in topic.items[SPLITS.index(split)])},
        "times": set(f.times),
        "prices": set(f.prices),
    }


def overlap(found: dict[str, list[Dialogue]]) -> str:
    """How many dialogues and fillers two splits share, counting the large training split as train."""
    texts = {name: {row.dialogue for row in rows} for name, rows in (found | {"train": found[LARGE]}).items()}
    pairs = (*PAIRS, ("train", BY_HAND))
    lines = [("dialogues", *(len(texts[one] & texts[other]) for one, other in pairs))]
    for kind in pools("train"):
        lines.append((kind, *(len(pools(one)[kind] & pools(other)[kind]) for one, other in PAIRS), "–"))
    return table(("in both", *(f"{one} and {other}" for one, other in pairs)), lines)


def vocabulary_coverage(found: dict[str, list[Dialogue]]) -> str:
    """How many words of a split occur in the large training split: different words, and words as they run."""
    in_training, lines = vocabulary(found[LARGE]), []
    for name in ("validation", "test", BY_HAND):
        running = [word in in_training for row in found[name] for word in words(f"{row.dialogue} {row.summary}")]
        different = [word in in_training for word in vocabulary(found[name])]
        unseen = share(row.topic in UNSEEN for row in found[name]) if name != BY_HAND else "–"
        lines.append((name, share(different), share(running), unseen))
    return table(("", "different words known", "running words known", "dialogues on unseen topics"), lines)


def frames(split: str) -> set[str]:
    """The sentence frames of a split's reviews, plain and negated."""
    return {frame for forms in (reviews.PLAIN, reviews.NEGATED) for kind in forms[split].values() for frame in kind}


def review_numbers(rows: dict[str, list[Review]]) -> str:
    """Rows, balance and length of the reviews, and the things and frames they are made of."""
    head = ("", "rows", "positive", "words, mean / most", "things", "frames")
    return table(
        head,
        [
            (
                split,
                len(rows[split]),
                share(row.sentiment == "positive" for row in rows[split]),
                spread([len(words(row.text)) for row in rows[split]]),
                len(reviews.THINGS[split]),
                len(frames(split)),
            )
            for split in SPLITS
        ],
    )


def review_overlap(rows: dict[str, list[Review]]) -> str:
    """How many reviews, things and frames two splits share."""
    kinds = {
        "reviews": {split: {row.text for row in rows[split]} for split in SPLITS},
        "things": {split: set(reviews.THINGS[split]) for split in SPLITS},
        "frames": {split: frames(split) for split in SPLITS},
    }
    head = ("in both", *(f"{one} and {other}" for one, other in PAIRS))
    return table(head, [(kind, *(len(sets[a] & sets[b]) for a, b in PAIRS)) for kind, sets in kinds.items()])


def file_lines(found: dict[str, list[Dialogue]], rows: dict[str, list[Review]]) -> str:
    """One line of the table for each bundled file."""
    program = "`runs/dialogues/make.py`"
    files = [(f"`dialogues/{split}.jsonl`", len(found[split]), program) for split in SPLITS]
    files.append(("`handwritten/test.jsonl`", len(found[BY_HAND]), "hand"))
    files += [(f"`reviews/{split}.jsonl`", len(rows[split]), program) for split in SPLITS]
    return "\n".join(f"| {name} | {count:,} | {author} |" for name, count, author in files)


def parts() -> str:
    """The lists that made-up topics come from, and how long they are."""
    lists = {name: len(entries) for name, entries in vars(fillers.WORKSHOP).items()}
    return ", ".join(f"{count} {name}" for name, count in lists.items())


def generator() -> dict[str, object]:
    """What the card says about the generator itself."""
    causes = [refusal for topic in TOPICS if topic.seen for refusal in topic.refusals]
    return {
        "conventions": len(CONVENTIONS),
        "choices": "; ".join(f"{field} ({', '.join(values)})" for field, values in CHOICES.items()),
        "convention_fields": "-".join(CHOICES),
        "topics": len(TOPICS),
        "seen": len(SEEN),
        "unseen": len(UNSEEN),
        "unseen_names": ", ".join(topic.name for topic in TOPICS if not topic.seen),
        "requests": sum(len(topic.requests) for topic in TOPICS),
        "refusals": sum(len(topic.refusals) for topic in TOPICS),
        "literal": statistics.mean(refusal.named in refusal.spoken for refusal in causes),
        "refused": REFUSED,
        "patterns": len(patterns.PATTERNS),
        "pattern_names": ", ".join(patterns.PATTERNS),
        "turns": f"{patterns.TURNS.start} to {patterns.TURNS.stop - 1}",
        "made_up": MADE_UP_TOPICS,
        "parts": parts(),
        "invented": fillers.INVENTED,
        "large": LARGE,
        "train_like": TRAIN_LIKE,
    }


def card(found: dict[str, list[Dialogue]], rows: dict[str, list[Review]], seed: int) -> str:
    """The card's text. found: dialogues by the name of their column; rows: reviews by split."""
    bundled = sum(len(part) for name, part in found.items() if name != LARGE)
    example = {key: value for key, value in asdict(found["test"][0]).items() if value}
    return TEMPLATE.read_text(encoding="utf-8").format(
        **generator(),
        size=next(name for limit, name in SIZES if bundled < limit),
        rows=bundled - len(found[BY_HAND]),
        by_hand=len(found[BY_HAND]),
        files=file_lines(found, rows),
        example=json.dumps(example, indent=1, ensure_ascii=False),
        numbers=table(("", *found), [(label, *map(measure, found.values())) for label, measure in NUMBERS.items()]),
        unseen_share=share(row.topic in UNSEEN for row in found["test"]),
        overlap=overlap(found),
        known=vocabulary_coverage(found),
        third=sum("#Person3#" in row.dialogue for row in found[BY_HAND]),
        review_numbers=review_numbers(rows),
        review_overlap=review_overlap(rows),
        same_name=same_name(found["test"]),
        seed=seed,
    )


def from_files(assets: Path, seed: int = SEED) -> str:
    """The card of the rows in `assets`; the large training split is grown from the seed."""
    found = {LARGE: [Dialogue(**row) for row in generate.rows("train", TRAIN_LIKE, seed)]}
    found |= {split: read(assets / "dialogues" / f"{split}.jsonl", Dialogue) for split in SPLITS}
    found[BY_HAND] = read(bundled.path("handwritten/test.jsonl"), Dialogue)
    return card(found, {split: read(assets / "reviews" / f"{split}.jsonl", Review) for split in SPLITS}, seed)


def write(assets: Path, seed: int = SEED) -> None:
    """Write the card of the rows in `assets` beside them."""
    (assets / "dialogues" / "README.md").write_text(from_files(assets, seed), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=bundled.FOLDER)
    arguments = parser.parse_args()
    write(arguments.out, arguments.seed)
