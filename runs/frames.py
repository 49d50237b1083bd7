"""What happens in one dialogue: who asks whom for what, when, for how much, and how it ends."""

import random
from dataclasses import dataclass

from runs.fillers import BY_SPLIT, DAYS, NUMBERS, SPLITS, invented_word
from runs.topics import TOPICS, Refusal, Topic


@dataclass(frozen=True)
class Person:
    """A speaker: the tag in the dialogue, the first name, the role in the topic."""

    tag: str
    name: str
    role: str


@dataclass(frozen=True)
class Frame:
    """One dialogue's events. `when` and `price` are empty when they do not matter; `refusal` is None for a yes."""

    topic: Topic
    asker: Person
    helper: Person
    welcome: str
    deed: str
    asked: str
    when: str
    price: str
    refusal: Refusal | None


class Speaker:
    """Draws the blanks of one dialogue from the fillers of one split."""

    def __init__(self, rng: random.Random, split: str, invented: float):
        self.rng, self.split, self.fillers, self.invented = rng, split, BY_SPLIT[split], invented

    def draw(self, pool: tuple[str, ...]) -> str:
        """One entry of the pool, or with probability `invented` a made-up word."""
        if self.rng.random() < self.invented:
            return invented_word(self.rng)
        return self.rng.choice(pool)

    def item(self, topic: Topic) -> str:
        """One of the topic's things, with probability `invented` in a made-up variety."""
        item = self.rng.choice(topic.items[SPLITS.index(self.split)])
        if self.invented and self.rng.random() < self.invented:
            return f"{invented_word(self.rng).lower()} {item}"
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

    def when(self) -> str:
        """A day, or a day and a time of the clock."""
        day = self.rng.choice(DAYS)
        if self.rng.random() < 0.4:
            return f"on {day}"
        return f"on {day} at {self.rng.choice(self.fillers.times)}"

    def price(self) -> str:
        """A price of the split."""
        return f"{self.rng.choice(self.fillers.prices)} dollars"


def draw_frame(rng: random.Random, split: str, invented: float = 0.0) -> Frame:
    """Draw one frame with the fillers of `split`; a share `invented` of names and places is made up."""
    speaker, topic = Speaker(rng, split, invented), rng.choice(TOPICS)
    request, blanks = rng.choice(topic.requests), speaker.blanks(topic)
    first = rng.randint(1, 2)
    asker = Person(f"#Person{first}#", speaker.draw(speaker.fillers.names), topic.asker)
    helper = Person(f"#Person{3 - first}#", speaker.draw(speaker.fillers.names), topic.helper)
    return Frame(
        topic=topic,
        asker=asker,
        helper=helper,
        welcome=topic.welcome.format(**blanks),
        deed=request.deed.format(**blanks),
        asked=rng.choice(request.asked).format(**blanks),
        when=speaker.when() if rng.random() < 0.7 else "",
        price=speaker.price() if topic.priced and rng.random() < 0.4 else "",
        refusal=rng.choice(topic.refusals) if rng.random() < 0.4 else None,
    )
