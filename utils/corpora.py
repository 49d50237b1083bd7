"""Two bundled corpora, general and finance, and the same two tasks in each; splits differ in companies, people, places.

Made by `runs/make_corpora.py`; their card is `utils/assets/corpora/README.md`.
"""

import json
from dataclasses import dataclass

from utils import data, runtime

NAMES = ("general", "finance")
SENTIMENTS = ("positive", "negative", "neutral")
REACTIONS = {  # what a text of either corpus says after an event, and the word each sentiment puts there
    "general": (" People felt", (" glad", " sorry", " calm")),
    "finance": (" Shares", (" rose", " fell", " held")),
}


@dataclass(frozen=True)
class Headline:
    """One sentence about an event; `sentiment` is one of SENTIMENTS."""

    id: str
    text: str
    sentiment: str


@dataclass(frozen=True)
class Item:
    """A question that a language model answers by the likeliest of `choices` after `prompt`.

    answer: the place of the right one in `choices`. Each choice begins with a space.
    """

    prompt: str
    choices: tuple[str, ...]
    answer: int


def texts(name: str, split: str = "train") -> list[str]:
    """The texts of a corpus, in file order. name: "general" or "finance". split: train, validation or test.

    Raises CourseError for another name or split.
    """
    return [row["text"] for row in _rows(name, "texts", split)]


def headlines(split: str = "test", name: str = "finance") -> list[Headline]:
    """Labelled headlines of companies, or, with name="general", everyday incidents labelled in the same way.

    Raises CourseError as `texts` does.
    """
    return [Headline(**row) for row in _rows(name, "labelled", split)]


def sentiment_items(name: str, split: str = "test") -> list[Item]:
    """The headlines as questions: how do the shares, or the people, take it? Three choices each.

    Raises CourseError as `texts` does.
    """
    rows = headlines(split, name)
    tail, words = REACTIONS[name]
    return [Item(row.text + tail, words, SENTIMENTS.index(row.sentiment)) for row in rows]


def entity_items(name: str, split: str = "test") -> list[Item]:
    """Who is who: of two companies the buyer or the target, of two people the owner or the borrower of a thing.

    The two choices stand in the order of the text, so the place of the answer says nothing about it.
    Raises CourseError as `texts` does.
    """
    items = []
    for row in _rows(name, "roles", split):
        pair = sorted((row["answer"], row["other"]), key=row["text"].find)
        choices = tuple(f" {who}" for who in pair)
        items.append(Item(f"{row['text']} {row['question']}", choices, pair.index(row["answer"])))
    return items


def _rows(name: str, kind: str, split: str) -> list[dict[str, str]]:
    runtime.known("corpus", name, dict.fromkeys(NAMES))
    runtime.known("split", split, data.SPLITS)
    path = runtime.assets_dir() / "corpora" / name / f"{kind}_{split}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
