"""The tasks of the mixture: for each, what is put to the model and what it should answer, drawn from a seed.

Every task is a function of a `Sources` and a number of solved examples; it returns that many + 1 pairs (input, answer)
that agree in everything an example can show: the convention, the verbaliser, the way a list is written.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from runs.course_model import command_language
from runs.course_model.tasks import LISTS, Pairs, command, listed, questions, sentiment
from runs.course_model.templates import COMMAND, ENTITIES, NEXT_TURN, QUESTION, SENTIMENT, SUMMARY, TOPIC
from runs.dialogues import reviews
from runs.dialogues.events import Frame
from runs.dialogues.fillers import INVENTED
from runs.natural import records, telling
from runs.natural.records import Record
from runs.natural.telling import Filling
from runs.second_edition import frames
from utils.data.conventions import CONVENTIONS, PLAIN, Convention

REPORTS = tuple(c for c in CONVENTIONS if (c.label, c.names, c.time, c.price) == ("none", "name", "spoken", "told"))
# Share of natural dialogues among those to summarise, and of examples that come from the other source. Natural ones are
# twice as long, and attention's time grows with the square of that: where there are more examples than this, all are
# the generator's.
NATURAL, OTHER_SOURCE, MOST_NATURAL = 0.6, 0.3, 1


@dataclass(frozen=True)
class Sources:
    """Endless inputs of one split, and the generator that all choices come from."""

    rng: random.Random
    split: str
    reviews: Iterator[tuple[str, str]]
    commands: Iterator[tuple[str, str]]
    natural: tuple[Record, ...]


def sources(
    split: str, seed: int, negated_share: float = reviews.NEGATED_SHARE, natural: tuple[Record, ...] | None = None
) -> Sources:
    """The same arguments give the same inputs. natural: the written records to draw from, all for training if None."""
    return Sources(
        random.Random(f"tasks {split} {seed}"),
        split,
        reviews.stream(split, seed, negated_share),
        command_language.stream(split, seed, INVENTED),
        records.read_split(split) if natural is None else natural,
    )


Scene = Frame | tuple[Record, Filling]


def scene(s: Sources, natural: bool) -> Scene:
    """Something to summarise: a frame of the generator, or a filled record."""
    if not natural:
        return frames.draw_frame(s.rng, s.split)
    record = s.rng.choice(s.natural)
    return record, telling.fill(record, s.rng)


def is_natural(s: Sources) -> bool:
    """Whether the next dialogue is a natural one."""
    return bool(s.natural) and s.rng.random() < NATURAL


def is_other(s: Sources, shots: int) -> bool:
    """Whether the next example comes from another source than the target."""
    return bool(s.natural) and shots <= MOST_NATURAL and s.rng.random() < OTHER_SOURCE


def text_of(s: Sources, scene: Scene) -> str:
    """The scene's dialogue; the generator tells a frame in another pattern every time."""
    return frames.told(s.rng, scene) if isinstance(scene, Frame) else telling.dialogue(*scene)


def summary_of(scene: Scene, c: Convention) -> str:
    """The scene's summary in a convention."""
    return frames.summarize(scene, c) if isinstance(scene, Frame) else telling.summary(*scene, c)


def confusable(s: Sources, example: Scene, target: Scene) -> Scene:
    """The example, now and then with names of the target's."""
    if isinstance(example, Frame):
        return frames.confusable(s.rng, example, target) if isinstance(target, Frame) else example
    record, filling = example
    theirs = [target.asker.name, target.helper.name] if isinstance(target, Frame) else list(target[1].names.values())
    if s.rng.random() < frames.SAME_PEOPLE and len(theirs) >= len(filling.names):
        s.rng.shuffle(theirs)
        filling = replace(filling, names=dict(zip(filling.names, theirs, strict=False)))
    return record, filling


def summary(s: Sources, shots: int) -> Pairs:
    """One convention for all; only the examples show which. Without an example the summary is in DialogSum's manner."""
    convention = s.rng.choice(CONVENTIONS) if shots else PLAIN
    natural = is_natural(s) and shots <= MOST_NATURAL
    target = scene(s, natural)
    shown = [scene(s, natural != is_other(s, shots)) for _ in range(shots)]
    scenes = [*(confusable(s, example, target) for example in shown), target]
    return [(text_of(s, one), summary_of(one, convention)) for one in scenes]


def drawn(s: Sources, count: int) -> list[Frame]:
    """Frames of the generator."""
    return [frames.draw_frame(s.rng, s.split) for _ in range(count)]


def topic(s: Sources, shots: int) -> Pairs:
    """The first turns of a dialogue, and its topic."""
    return [("\n".join(text_of(s, f).split("\n")[:4]), f.topic.name) for f in drawn(s, shots + 1)]


def entities(s: Sources, shots: int) -> Pairs:
    """A one-line report, and the people, places and times in it, written as the examples write them."""
    form = s.rng.choice(LISTS) if shots else LISTS[0]
    return [(report(s, f), listed(f, form)) for f in drawn(s, shots + 1)]


def report(s: Sources, f: Frame) -> str:
    """A summary that names the speakers, the time and the price."""
    return frames.summarize(f, s.rng.choice(REPORTS))


def question(s: Sources, shots: int) -> Pairs:
    """A passage with a question whose answer stands in it; the passage and the question are parted by a tab."""
    pairs = []
    for f in drawn(s, shots + 1):
        asked, answer = s.rng.choice(questions(f))
        passage = text_of(s, f) if not shots and s.rng.random() < 0.5 else report(s, f)
        pairs.append((f"{passage}\t{asked}", answer))
    return pairs


def next_turn(s: Sources, shots: int) -> Pairs:
    """A dialogue up to some turn, and the turn that follows."""
    pairs = []
    for _ in range(shots + 1):
        turns = text_of(s, scene(s, is_natural(s))).split("\n")
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
