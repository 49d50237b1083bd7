"""House styles: how a desk names the speakers, where it puts the topic, its tense, and how it writes the outcome."""

import itertools
from dataclasses import dataclass

from runs.dialogues.events import Frame


@dataclass(frozen=True)
class Convention:
    """One house style. Each field has the values listed in CHOICES."""

    names: str
    label: str
    tense: str
    outcome: str

    def __str__(self) -> str:
        return f"{self.names}-{self.label}-{self.tense}-{self.outcome}"


CHOICES = {
    "names": ("tag", "name", "role"),
    "label": ("none", "before", "after"),
    "tense": ("present", "past"),
    "outcome": ("clause", "first", "last"),
}
CONVENTIONS = tuple(Convention(*values) for values in itertools.product(*CHOICES.values()))


def summarize(f: Frame, c: Convention) -> str:
    """The summary of a frame as convention `c` writes it."""
    asker, helper = (getattr(person, "role" if c.names == "role" else c.names) for person in (f.asker, f.helper))
    asks = "asks" if c.tense == "present" else "asked"
    deed = " ".join(part for part in (f.deed, f.when, f.price and f"for {f.price}") if part)
    body = f"{asker} {asks} {helper} to {deed}"
    cause = f" because of {f.refusal.named}" if f.refusal else ""
    if c.outcome == "clause":
        verb = (
            ("refuses" if f.refusal else "agrees") if c.tense == "present" else ("refused" if f.refusal else "agreed")
        )
        text = f"{body}, {'but' if f.refusal else 'and'} {helper} {verb}{cause}."
    elif c.outcome == "first":
        text = f"{'No' + cause if f.refusal else 'Yes'}: {body}."
    else:
        text = f"{body}. Outcome: {'not possible' + cause if f.refusal else 'settled'}."
    text = text[0].upper() + text[1:]
    return {"none": text, "before": f"[{f.topic.name}] {text}", "after": f"{text} Topic: {f.topic.name}."}[c.label]
