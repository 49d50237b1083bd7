"""What the data card counts in rows of dialogues: words, turns, refusals, days, prices."""

import re
import statistics
from collections.abc import Callable, Iterable, Sequence

from runs.dialogues.fillers import DAYS
from utils.data import Dialogue


def words(text: str) -> list[str]:
    """The words of a text in lower case, without the speakers' tags.

    >>> words("#Person1#: The half-price lamp, at 7:05?")
    ['the', 'half-price', 'lamp', 'at', '7:05']
    """
    return re.findall(r"[^\W_]+(?:['’.:-][^\W_]+)*", re.sub(r"#Person\d#", "", text).lower())


def share(hits: Iterable[bool]) -> str:
    """The share of true values, in per cent."""
    return f"{statistics.mean(map(float, hits)):.0%}"


def spread(values: Sequence[int], smallest: bool = False) -> str:
    """Mean and largest value, after the smallest when asked for."""
    least = f"{min(values)} / " if smallest else ""
    return f"{least}{statistics.mean(values):.1f} / {max(values)}"


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
