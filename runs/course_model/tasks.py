"""The tasks of the mixture: for each, what is put to the model and what it should answer, drawn from a seed.

Every task is a function of a `Sources` and a number of solved examples; it returns that many + 1 pairs (input, answer)
that agree in everything an example can show: the convention, the verbaliser, the way a list is written.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from runs.course_model import command_language
from runs.course_model.templates import COMMAND, ENTITIES, NEXT_TURN, QUESTION, SENTIMENT, SUMMARY, TOPIC
from runs.dialogues import generate, reviews
from runs.dialogues.conventions import CONVENTIONS, summarize
from runs.dialogues.events import MADE_UP_TOPICS, Frame
from runs.dialogues.fillers import INVENTED

Pairs = list[tuple[str, str]]
REPORTS = tuple(c for c in CONVENTIONS if c.label == "none" and c.names == "name")
LISTS = ("people: {people}; places: {places}; times: {times}", "{people} | {places} | {times}")


@dataclass(frozen=True)
class Sources:
    """Endless inputs of one split, and the generator that all choices come from."""

    rng: random.Random
    dialogues: Iterator[tuple[str, Frame]]
    reviews: Iterator[tuple[str, str]]
    commands: Iterator[tuple[str, str]]


def sources(split: str, seed: int, negated_share: float = reviews.NEGATED_SHARE) -> Sources:
    """The same arguments give the same inputs."""
    return Sources(
        random.Random(f"tasks {split} {seed}"),
        generate.stream(split, seed, INVENTED, MADE_UP_TOPICS),
        reviews.stream(split, seed, negated_share),
        command_language.stream(split, seed, INVENTED),
    )


def summary(s: Sources, shots: int) -> Pairs:
    """One convention for all; only the examples show which."""
    convention = s.rng.choice(CONVENTIONS)
    return [(text, summarize(f, convention)) for text, f in (next(s.dialogues) for _ in range(shots + 1))]


def sentiment(s: Sources, shots: int) -> Pairs:
    """Without an example the labels are Positive and Negative; examples may show any other pair."""
    words = s.rng.choice(reviews.VERBALISERS) if shots else reviews.VERBALISERS[0]
    label = dict(zip(("positive", "negative"), words, strict=True))
    return [(text, label[feeling]) for text, feeling in (next(s.reviews) for _ in range(shots + 1))]


def topic(s: Sources, shots: int) -> Pairs:
    """The first turns of a dialogue, and its topic."""
    return [
        ("\n".join(text.split("\n")[:4]), f.topic.name) for text, f in (next(s.dialogues) for _ in range(shots + 1))
    ]


def entities(s: Sources, shots: int) -> Pairs:
    """A one-line report, and the people, places and times in it, written as the examples write them."""
    form = s.rng.choice(LISTS) if shots else LISTS[0]
    return [(report(s, f), listed(f, form)) for _, f in (next(s.dialogues) for _ in range(shots + 1))]


def report(s: Sources, f: Frame) -> str:
    """A summary that names the speakers."""
    return summarize(f, s.rng.choice(REPORTS))


def listed(f: Frame, form: str) -> str:
    """The frame's entities in this form."""
    places, times = ", ".join(f.places) or "none", f.when.removeprefix("on ").removeprefix("at ") or "none"
    return form.format(people=", ".join(f.people), places=places, times=times)


def question(s: Sources, shots: int) -> Pairs:
    """A passage with a question whose answer stands in it; the passage and the question are parted by a tab."""
    pairs = []
    for text, f in (next(s.dialogues) for _ in range(shots + 1)):
        asked, answer = s.rng.choice(questions(f))
        passage = text if not shots and s.rng.random() < 0.5 else report(s, f)
        pairs.append((f"{passage}\t{asked}", answer))
    return pairs


def questions(f: Frame) -> Pairs:
    """Every question that the frame answers."""
    found = [
        ("Who asks for something?", f.asker.name),
        ("Who is asked?", f.helper.name),
        (f"What is {f.helper.name} asked to do?", f.deed),
        (f"What does {f.asker.name} want?", f.deed),
        (f"Does {f.helper.name} agree?", "no" if f.refusal else "yes"),
    ]
    if f.when:
        found += [("When should it be?", f.when)]
    if f.when.startswith("on "):
        found += [("Which day is named?", f.when.split()[1])]
    if f.price:
        found += [("How much will it cost?", f.price), ("What is the price?", f.price)]
    if f.refusal:
        found += [(f"Why does {f.helper.name} refuse?", f"because of {f.refusal.named}")]
    return found


def command(s: Sources, shots: int) -> Pairs:
    """A wish, and the command that does it."""
    return [next(s.commands) for _ in range(shots + 1)]


def next_turn(s: Sources, shots: int) -> Pairs:
    """A dialogue up to some turn, and the turn that follows."""
    pairs = []
    for text, _ in (next(s.dialogues) for _ in range(shots + 1)):
        turns = text.split("\n")
        cut = s.rng.randrange(1, len(turns))
        pairs.append(("\n".join(turns[max(0, cut - 6) : cut]), turns[cut]))
    return pairs


DRAW: dict[str, Callable[[Sources, int], Pairs]] = {
    SUMMARY: summary,
    SENTIMENT: sentiment,
    TOPIC: topic,
    ENTITIES: entities,
    QUESTION: question,
    COMMAND: command,
    NEXT_TURN: next_turn,
}


def fill(template: tuple[str, str], text: str) -> str:
    """The prompt for one input; a question's passage goes where the template has it."""
    before, after = template
    if "{passage}" in before:
        passage, text = text.split("\t")
        before = before.replace("{passage}", passage)
    return f"{before}{text}{after}"


def prompt(template: tuple[str, str], pairs: Pairs, gap: str) -> tuple[str, str]:
    """The last pair's input after the others solved, and its answer."""
    *examples, (text, answer) = pairs
    solved = [f"{fill(template, shown)}{said}{gap}" for shown, said in examples]
    return "".join(solved) + fill(template, text), answer
