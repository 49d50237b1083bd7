"""Frames for training with words of many sources: own lists, names of many languages, WordNet, made-up words.

Times and prices come in every form in which people say them, for every split; what fills them is the split's own.
"""

import random
from dataclasses import replace

from runs import clock, conventions, words
from runs.conventions import SHORT_DAYS
from runs.dialogues.events import MADE_UP_PARTS, Frame, Speaker, draw_topic, grow
from runs.dialogues.fillers import DAYS, PREPOSITIONS, WORKSHOP, invented_word
from runs.dialogues.patterns import suitable, tell
from runs.dialogues.topics import Refusal, Request, Topic
from utils import data
from utils.data import conventions as styles
from utils.data.conventions import Convention

# Shares of names, places and things in training: made up, from the wide lists; the rest comes from the split's own.
INVENTED, WIDE = 0.25, 0.35
MADE_UP_TOPICS = 0.4
# Share of the parts of a made-up topic that come from WordNet instead of the workshop.
FROM_WORDNET = 0.5
# Shares of prompts in which an example has the target's people, and the target's deed.
SAME_PEOPLE, SAME_DEED = 0.3, 0.15


class WideSpeaker(Speaker):
    """Fills blanks from every source in training, and from the split's own lists elsewhere."""

    # Where most dialogues name a price, three examples nearly always show how one is told.
    priced = 0.75

    def __init__(self, rng: random.Random, split: str, is_wide: bool):
        super().__init__(rng, split, INVENTED if is_wide else 0.0)
        f = self.fillers
        sources = {
            id(f.names): lambda: rng.choice(words.first_names(rng.choice("fm"))),
            id(f.surnames): lambda: rng.choice(words.surnames()),
            id(f.cities): lambda: rng.choice(words.cities()),
            id(f.streets): lambda: words.street(rng).rsplit(" ", 1)[0],
        }
        self.wide = sources if is_wide else {}

    def draw(self, pool: tuple[str, ...]) -> str:
        """One entry of the pool, or a word from elsewhere."""
        if id(pool) in self.wide and self.rng.random() < WIDE:
            return self.wide[id(pool)]()
        return super().draw(pool)

    def item(self, topic: Topic) -> str:
        """One of the topic's things, or in training anything that WordNet knows."""
        if self.wide and self.rng.random() < WIDE:
            return self.rng.choice(words.things())
        return super().item(topic)

    def when(self) -> tuple[str, str]:
        """A day, a time of the clock, or both."""
        day, time = self.rng.choice(DAYS), self.rng.choice(self.fillers.times)
        form = self.rng.choices(("day", "time", "both"), (4, 1, 5))[0]
        hour, minute = map(int, time.split(":"))
        spoken, short = [], []
        if form != "time":
            spoken, short = [f"on {day}"], [f"on {SHORT_DAYS[day]}"]
        if form != "day":
            spoken.append(f"at {clock.draw_clock(self.rng, hour, minute)}")
            short.append(f"at {time}")
        return " ".join(spoken), " ".join(short)

    def price(self) -> tuple[int, str]:
        """A price of the split in one of its forms."""
        return self.rng.choice(self.fillers.prices), self.rng.choice(clock.PRICE_FORMS)


def made_up_topic(rng: random.Random) -> Topic:
    """A topic whose words say nothing of one another, so each must be read off the text."""

    def part(pool: tuple[str, ...], wide: tuple[str, ...] = ()) -> str:
        if rng.random() < MADE_UP_PARTS:
            return invented_word(rng).lower()
        return rng.choice(wide if wide and rng.random() < FROM_WORDNET else pool)

    def thing() -> str:
        """What may follow a preposition; the grammar of "two radish" matters less than the surprise."""
        noun = rng.choice(("the ", "a ", "", "{n} ", "{quality} ")) + part(WORKSHOP.nouns, words.things())
        return rng.choice((noun, noun, noun, "{name}", "{city}"))

    asker, helper = rng.sample(WORKSHOP.roles, 2)
    verb, rest = rng.choice(WORKSHOP.verbs)
    if rng.random() < FROM_WORDNET:
        verb, rest = rng.choice(words.deeds()), ""
    if rng.random() < 0.4:
        rest = f"{rng.choice(PREPOSITIONS)} {thing()}"
    cause = part(WORKSHOP.causes)
    if rng.random() < 0.5:
        noun = part(WORKSHOP.nouns, words.things())
        cause = f"a {noun}"
        if rng.random() < 0.5:
            cause += f" {rng.choice(PREPOSITIONS)} the {part(WORKSHOP.nouns, words.things())}"
    return Topic(
        name=part(WORKSHOP.subjects, words.things()),
        asker=f"the {asker if rng.random() > MADE_UP_PARTS else invented_word(rng).lower()}",
        helper=f"the {helper if rng.random() > MADE_UP_PARTS else invented_word(rng).lower()}",
        welcome=rng.choice(("Welcome.", "Come in.", "Good afternoon.")),
        requests=(Request(part((verb,)), f"the {rng.choice(('', '', '{quality} '))}{{item}}", rest),),
        refusals=(Refusal("", cause),),
        items=(tuple(rng.sample(WORKSHOP.nouns, 2)), (), ()),
        seen=False,
    )


def draw_frame(rng: random.Random, split: str, unseen: float = 0.0, wide: bool = True) -> Frame:
    """One frame. unseen: share of topics that training never meets (test only).

    wide: in training, with words of every source and made-up topics; a bundled row has neither.
    """
    is_wide = wide and split == "train"
    is_made_up = is_wide and rng.random() < MADE_UP_TOPICS
    topic = made_up_topic(rng) if is_made_up else draw_topic(rng, split, 0.0, unseen)
    return grow(rng, topic, WideSpeaker(rng, split, is_wide))


def told(rng: random.Random, f: Frame) -> str:
    """The frame's dialogue in any pattern that suits it."""
    return tell(rng, f, rng.choice(suitable(f)))


def confusable(rng: random.Random, example: Frame, target: Frame) -> Frame:
    """The example, now and then with people or a deed of the target: what is taken from the wrong dialogue is wrong."""
    if rng.random() < SAME_PEOPLE:
        swapped = rng.random() < 0.7
        names = [target.helper.name, target.asker.name] if swapped else [target.asker.name, rng.choice(example.people)]
        if names[0] != names[1] and not set(names) & set(example.people[2:]):
            asker, helper = (
                replace(person, name=name) for person, name in zip((example.asker, example.helper), names, strict=True)
            )
            example = replace(example, asker=asker, helper=helper, people=(*names, *example.people[2:]))
    if rng.random() < SAME_DEED and not set(target.people[2:]) & {example.asker.name, example.helper.name}:
        example = replace(
            example,
            verb=target.verb,
            thing=target.thing,
            rest=target.rest,
            wrong=target.wrong,
            asked="",
            people=(*example.people[:2], *target.people[2:]),
            places=target.places,
        )
    return example


def summarize(f: Frame, c: Convention) -> str:
    """The summary of a frame in a convention."""
    asker, helper = (getattr(person, c.names) for person in (f.asker, f.helper))
    present = c.tense == "present"
    when = f.when if c.time == "spoken" else f.when_short
    price = f"for {f.price}" if f.price and c.price == "told" else ""
    deed = " ".join(part for part in (f.deed, when, price) if part)
    cause = f"because of {f.refusal.named}" if f.refusal else ""
    answer = ("refuses" if present else "refused") if f.refusal else ("agrees" if present else "agreed")
    return conventions.told(
        body=f"{asker} {'asks' if present else 'asked'} {helper} to {deed}",
        ending=" ".join(part for part in ("but" if f.refusal else "and", helper, answer, cause) if part),
        outcome="no" if f.refusal else "yes",
        reason=cause,
        topic=f.topic.name,
        c=c,
    )


def facts(f: Frame) -> data.Facts:
    """What happened, as a program checks a summary by it."""
    return data.Facts(
        asker=data.Speaker(f.asker.tag, f.asker.name, f.asker.role),
        helper=data.Speaker(f.helper.tag, f.helper.name, f.helper.role),
        deed=f.deed,
        when=(f.when, f.when_short),
        price=f.price,
        outcome="no" if f.refusal else "yes",
        reason=f.refusal.named if f.refusal else "",
    )


def shows(f: Frame) -> frozenset[str]:
    """The choices of a convention that the summary of this frame shows."""
    return styles.touched("no" if f.refusal else "yes", bool(f.when), bool(f.price))
