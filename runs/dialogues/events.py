"""What happens in one dialogue: who asks whom for what, when, for how much, and how it ends."""

import random
import re
from dataclasses import dataclass

from runs import clock
from runs.conventions import SHORT_DAYS
from runs.dialogues.fillers import BY_SPLIT, DAYS, NUMBERS, PREPOSITIONS, WORKSHOP, invented_word
from runs.dialogues.topics import TOPICS, Refusal, Request, Topic
from utils.data import SPLITS

# Share of training dialogues whose topic, roles, deed and reason are put together from the workshop's word lists.
MADE_UP_TOPICS = 0.4
# Share of the parts of such a topic that are made-up words; of its deeds and causes that hold a phrase put together.
MADE_UP_PARTS, MADE_UP_RESTS = 0.15, 0.4
REFUSED = 0.4
# Share of dialogues in which a time matters, and of those about something that is paid for in which a price does.
TIMED, PRICED = 0.75, 0.4
PLACES = {"city": "{}", "street": "{} Street", "venue": "{}"}


@dataclass(frozen=True)
class Person:
    """A speaker: the tag in the dialogue, the first name, the role in the topic."""

    tag: str
    name: str
    role: str


@dataclass(frozen=True)
class Frame:
    """One dialogue's events. `when` and `price` are empty when they do not matter; `refusal` is None for a yes.

    when_short: the same time with the day cut to three letters and the clock in digits.
    amount, price_form: the price in whole units, and how it is written (`clock.PRICE_FORMS`).
    wrong: a thing that is named by mistake and corrected. asked: an idiomatic way to ask for the deed, or empty.
    people, places: the speakers' names and every name in the deed.
    """

    topic: Topic
    asker: Person
    helper: Person
    welcome: str
    verb: str
    thing: str
    rest: str
    wrong: str
    asked: str
    when: str
    when_short: str
    amount: int
    price_form: str
    refusal: Refusal | None
    people: tuple[str, ...]
    places: tuple[str, ...]

    @property
    def price(self) -> str:
        """The price as it is said."""
        return clock.price(self.amount, self.price_form) if self.amount else ""

    @property
    def deed(self) -> str:
        """What is asked for, as the summary names it."""
        return self.deed_with(self.thing)

    def deed_with(self, thing: str) -> str:
        """The deed with another word for its thing: a pronoun, or a mistake."""
        return " ".join(part for part in (self.verb, thing, self.rest) if part)

    @property
    def pronoun(self) -> str:
        """What the thing may be called once it has been named."""
        head = re.split(r" (?:on|of|about|for) ", self.thing)[0]
        many = head == "geese" or (head.endswith("s") and not head.endswith(("ss", "is", "us", "as", "ens")))
        return "them" if many or self.thing in self.people else "it"


class Speaker:
    """Draws the blanks of one dialogue from the fillers of one split. priced: share of dialogues that name a price."""

    priced = PRICED

    def __init__(self, rng: random.Random, split: str, invented: float):
        self.rng, self.split, self.fillers, self.invented = rng, split, BY_SPLIT[split], invented

    def draw(self, pool: tuple[str, ...]) -> str:
        """One entry of the pool, or with probability `invented` a made-up word."""
        if self.rng.random() < self.invented:
            return invented_word(self.rng)
        return self.rng.choice(pool)

    def two_names(self) -> list[str]:
        """Two first names, not the same."""
        names = [self.draw(self.fillers.names)]
        while len(names) < 2:
            names += [name for name in [self.draw(self.fillers.names)] if name not in names]
        return names

    def item(self, topic: Topic) -> str:
        """One of the topic's things; with probability `invented` in a made-up variety, or made up altogether."""
        item = self.rng.choice(topic.items[SPLITS.index(self.split)])
        if self.invented and self.rng.random() < self.invented:
            word = invented_word(self.rng)
            return f"{word if item[0].isupper() else word.lower()} {item if self.rng.random() < 0.5 else ''}".strip()
        return item

    def blanks(self, topic: Topic) -> dict[str, str]:
        """A value for every blank that the topic's sentences may hold."""
        f = self.fillers
        return {
            "item": self.item(topic),
            "quality": self.rng.choice(f.qualities),
            "n": self.rng.choice(NUMBERS),
            "street": self.draw(f.streets),
            "city": self.draw(f.cities),
            "venue": self.draw(f.venues),
            "surname": self.draw(f.surnames),
            "name": self.draw(f.names),
        }

    def when(self) -> tuple[str, str]:
        """A day, or a day and a time of the clock: as it is said, and short."""
        day = self.rng.choice(DAYS)
        if self.rng.random() < 0.4:
            return f"on {day}", f"on {SHORT_DAYS[day]}"
        time = self.rng.choice(self.fillers.times)
        return f"on {day} at {time}", f"on {SHORT_DAYS[day]} at {time}"

    def price(self) -> tuple[int, str]:
        """A price of the split, and how it is written."""
        return self.rng.choice(self.fillers.prices), "{0} dollars"


def made_up_topic(rng: random.Random) -> Topic:
    """A topic out of the workshop's lists: its words say nothing of one another, so each must be read off the text."""

    def part(pool: tuple[str, ...]) -> str:
        return invented_word(rng).lower() if rng.random() < MADE_UP_PARTS else rng.choice(pool)

    def thing() -> str:
        """What may follow a preposition; the grammar of "two radish" matters less than the surprise."""
        noun = rng.choice(("the ", "a ", "", "{n} ", "{quality} ")) + part(WORKSHOP.nouns)
        return rng.choice((noun, noun, noun, "{name}", "{city}"))

    asker, helper = rng.sample(WORKSHOP.roles, 2)
    verb, rest = rng.choice(WORKSHOP.verbs)
    if rng.random() < MADE_UP_RESTS:
        rest = f"{rng.choice(PREPOSITIONS)} {thing()}"
    quality = rng.choice(("", "", "{quality} "))
    cause = part(WORKSHOP.causes)
    if rng.random() < MADE_UP_RESTS:
        cause = f"a {part(WORKSHOP.nouns)} {rng.choice(PREPOSITIONS)} the {part(WORKSHOP.nouns)}"
    return Topic(
        name=part(WORKSHOP.subjects),
        asker=f"the {asker if rng.random() > MADE_UP_PARTS else invented_word(rng).lower()}",
        helper=f"the {helper if rng.random() > MADE_UP_PARTS else invented_word(rng).lower()}",
        welcome=rng.choice(("Welcome.", "Come in.", "Good afternoon.")),
        requests=(Request(part((verb,)), f"the {quality}{{item}}", rest),),
        refusals=(Refusal("", cause),),
        items=(tuple(rng.sample(WORKSHOP.nouns, 2)), (), ()),
        seen=False,
    )


def draw_topic(rng: random.Random, split: str, made_up: float, unseen: float) -> Topic:
    """A topic of `split`: one that training knows, or one of a share it does not."""
    if split == "train" and rng.random() < made_up:
        return made_up_topic(rng)
    seen = not (split == "test" and rng.random() < unseen)
    return rng.choice([topic for topic in TOPICS if topic.seen == seen])


def draw_frame(
    rng: random.Random, split: str, invented: float = 0.0, made_up: float = 0.0, unseen: float = 0.0
) -> Frame:
    """Draw one frame with the fillers of `split`.

    invented: share of names, places and things that are made-up words. made_up: share of topics put together from the
    workshop (training only). unseen: share of topics that training never meets (test only).
    """
    topic = draw_topic(rng, split, made_up, unseen)
    return grow(rng, topic, Speaker(rng, split, invented))


def grow(rng: random.Random, topic: Topic, speaker: Speaker) -> Frame:
    """Draw a frame of this topic, its blanks filled by `speaker`."""
    # The order of the draws is part of the bundled files: in another order the same seed gives other dialogues.
    request, blanks = rng.choice(topic.requests), speaker.blanks(topic)
    first, names = rng.randint(1, 2), speaker.two_names()
    asker, helper = (
        Person(f"#Person{first}#", names[0], topic.asker),
        Person(f"#Person{3 - first}#", names[1], topic.helper),
    )
    wrong = request.thing.format(**speaker.blanks(topic))
    welcome = topic.welcome.format(**speaker.blanks(topic))
    asked = rng.choice(request.asked).format(**blanks) if request.asked else ""
    when, when_short = speaker.when() if rng.random() < TIMED else ("", "")
    amount, price_form = speaker.price() if topic.priced and rng.random() < speaker.priced else (0, "")
    return Frame(
        topic=topic,
        asker=asker,
        helper=helper,
        welcome=welcome,
        verb=request.verb.format(**blanks),
        thing=request.thing.format(**blanks),
        rest=request.rest.format(**blanks),
        wrong=request.thing.format(**blanks) if wrong in names else wrong,
        asked=asked,
        when=when,
        when_short=when_short,
        amount=amount,
        price_form=price_form,
        refusal=rng.choice(topic.refusals) if rng.random() < REFUSED else None,
        people=(asker.name, helper.name, *([blanks["name"]] if "{name}" in request.deed else [])),
        places=tuple(form.format(blanks[key]) for key, form in PLACES.items() if f"{{{key}}}" in request.deed),
    )
