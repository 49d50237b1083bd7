"""Two bundled corpora, general and finance, and the same two tasks in each; splits differ in companies, people, places.

Made by `runs/domains/make.py`; their card is `utils/assets/corpora/README.md`.
"""

import json
from dataclasses import dataclass

from utils import bundled, data
from utils.errors import one_of

NAMES = ("general", "finance")
HEADLINE_SENTIMENTS = ("positive", "negative", "neutral")
REACTIONS = {  # what a text of either corpus says after an event, and the word each sentiment puts there
    "general": (" People felt", (" glad", " sorry", " calm")),
    "finance": (" Shares", (" rose", " fell", " held")),
}

PLACES = ("kitchen", "garden", "school", "river", "market", "library", "workshop", "station", "theatre", "farm")
SECTORS = (
    "banking", "drugs", "airlines", "electronics", "retail", "energy", "insurance", "cars", "technology", "mining",
)  # fmt: skip
ENTITY_KINDS = {  # how a text of either corpus names the kind of entity it is about, and the kinds there are
    "general": (" Place:", *PLACES),
    "finance": (" Sector:", *SECTORS),
}


@dataclass(frozen=True)
class Headline:
    """One sentence about an event; `sentiment` is one of HEADLINE_SENTIMENTS."""

    id: str
    text: str
    sentiment: str


@dataclass(frozen=True)
class MultipleChoice:
    """A question that a language model answers by the likeliest of `choices` after `prompt`.

    answer: the index of the right one in `choices`. Each choice begins with a space, so that it is a word of its own
    to a byte-level tokenizer.
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


def sentiment_items(name: str, split: str = "test") -> list[MultipleChoice]:
    """The headlines as questions: how do the shares, or the people, take it? Three choices each.

    Raises CourseError as `texts` does.
    """
    rows = headlines(split, name)
    tail, words = REACTIONS[name]
    return [MultipleChoice(row.text + tail, words, HEADLINE_SENTIMENTS.index(row.sentiment)) for row in rows]


def entity_items(name: str, split: str = "test") -> list[MultipleChoice]:
    """What kind of entity: the sector of a company, or the place a person is in. Ten choices each.

    Raises CourseError as `texts` does.
    """
    tail, *kinds = one_of("corpus", name, ENTITY_KINDS)
    rows = _rows(name, "entities", split)
    return [
        MultipleChoice(row["text"] + tail, tuple(f" {kind}" for kind in kinds), kinds.index(row["kind"]))
        for row in rows
    ]


def _rows(name: str, table: str, split: str) -> list[dict[str, str]]:
    one_of("corpus", name, dict.fromkeys(NAMES))
    one_of("split", split, dict.fromkeys(data.SPLITS))
    path = bundled.path(f"corpora/{name}/{table}_{split}.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
