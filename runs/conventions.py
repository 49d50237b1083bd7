"""Summaries put together in a house style, and the styles that the bundled rows take turns with."""

import itertools

from utils.data.conventions import CHOICES, Convention

SHORT_DAYS = {day: day[:3] for day in ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]}


def desks() -> tuple[Convention, ...]:
    """36 conventions for the bundled rows, in which any two choices meet in all their values equally often.

    An orthogonal array: four choices of three values follow two digits of base 3 (Taguchi's L9), three choices of two
    values two more bits.
    """
    found = []
    for first, second, tense, time in itertools.product(range(3), range(3), range(2), range(2)):
        picked = {
            "names": first,
            "label": second,
            "tense": tense,
            "agreement": (first + second) % 3,
            "refusal": (first + 2 * second) % 3,
            "time": time,
            "price": tense ^ time,
        }
        found.append(Convention(*(CHOICES[name][value] for name, value in picked.items())))
    return tuple(found)


DESKS = desks()


def told(body: str, ending: str, outcome: str, reason: str, topic: str, c: Convention) -> str:
    """A summary out of its parts.

    body: who wants what. ending: how it ended, as a clause. reason: of a refusal, as "because …", or empty.
    What was left open, and what asked for nothing, is told in a clause under every convention.
    """
    form = {"yes": c.agreement, "no": c.refusal}.get(outcome, "clause")
    reason = f" {reason}" if reason else ""
    if form == "first":
        text = f"{'Yes' if outcome == 'yes' else 'No'}{reason}: {body}."
    elif form == "last":
        text = f"{body}. Outcome: {'settled' if outcome == 'yes' else 'not possible'}{reason}."
    else:
        text = f"{body}, {ending}." if ending else f"{body}."
    text = text[0].upper() + text[1:]
    return {"none": text, "before": f"[{topic}] {text}", "after": f"{text} Topic: {topic}."}[c.label]
