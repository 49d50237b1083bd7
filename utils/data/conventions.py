"""House styles of summaries: seven independent choices, and what examples reveal of them.

Every summary shows how speakers are named, where the topic stands and the tense. How a refusal is told shows only where
something was refused, how an agreement is told only where somebody agreed, and so for times and prices. So one example
tells much about the next summary, and a second and third still tell something.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from utils.errors import CourseError

CHOICES = {
    "names": ("tag", "name", "role"),
    "label": ("none", "before", "after"),
    "tense": ("present", "past"),
    "agreement": ("clause", "first", "last"),
    "refusal": ("clause", "first", "last"),
    "time": ("spoken", "short"),
    "price": ("told", "omitted"),
}
ALWAYS = frozenset({"names", "label", "tense"})


@dataclass(frozen=True)
class Convention:
    """One house style. Each field has the values listed in CHOICES."""

    names: str
    label: str
    tense: str
    agreement: str
    refusal: str
    time: str
    price: str

    def __str__(self) -> str:
        return "-".join(vars(self).values())


CONVENTIONS = tuple(Convention(*values) for values in itertools.product(*CHOICES.values()))
# What DialogSum's own summaries follow, and the answer to a prompt without examples.
PLAIN = Convention("tag", "none", "present", "clause", "clause", "spoken", "told")


def read(text: str) -> Convention:
    """The convention that a row's field names, as in "tag-none-past-first-last-short-told".

    Raises CourseError for any other text.
    """
    values = text.split("-")
    known = len(values) == len(CHOICES) and all(
        value in CHOICES[name] for name, value in zip(CHOICES, values, strict=True)
    )
    if not known:
        raise CourseError(
            f"A convention should be {'-'.join(CHOICES)}, each one of its values, as in {str(PLAIN)!r}, but {text!r} "
            "came: take it from a row of the bundled data."
        )
    return Convention(*values)


def touched(outcome: str, timed: bool, priced: bool) -> frozenset[str]:
    """The choices that the summary of a dialogue with this outcome (yes, no, open or none) shows."""
    answer = {"yes": {"agreement"}, "no": {"refusal"}}.get(outcome, set())
    return ALWAYS | answer | ({"time"} if timed else set()) | ({"price"} if priced else set())


def chance_of_form(target: Iterable[str], shown: Iterable[Iterable[str]]) -> float:
    """How often a reader who uses all that the examples show, and guesses the rest, writes a summary in the right form.

    P = Π 1 / |values of c|, over the choices c that the target touches and no example shows.
    target: the choices that the target's summary shows. shown: those of each example. Returns a share in (0, 1].

    >>> chance_of_form({"names", "refusal"}, [{"names", "agreement"}])
    0.3333333333333333
    """
    revealed = set().union(*shown)
    return prod(1 / len(CHOICES[choice]) for choice in set(target) - revealed)
