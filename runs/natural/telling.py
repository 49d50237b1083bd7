"""Tell a natural record: fill its slots, write its dialogue, and write its summary in any convention."""

import random
import re
from dataclasses import dataclass

from runs import clock, conventions, words
from runs.dialogues.fillers import TRAIN
from runs.natural import tense
from runs.natural.records import DROPPED, SLOT, STARRED, Record, Slot, Speaker
from utils.data import conventions as styles
from utils.data.conventions import Convention

ARTICLE_AND_SLOT = re.compile(r"(?:\b([Aa])n? )?\{(\w+)\}")
VOWEL = re.compile(r"(?!uni|use|uti|eu|one\b|once\b)(?:[aeiou]|hou?r|honest|heir|8|11\b|18\b)", re.IGNORECASE)


@dataclass(frozen=True)
class Filling:
    """A value for every slot and speaker of a record.

    spoken: as the dialogue says it. short: for days and times, as the convention "short" writes them.
    names: of the speakers, by letter.
    """

    spoken: dict[str, str]
    short: dict[str, str]
    names: dict[str, str]


def fill(r: Record, rng: random.Random, own: bool = False) -> Filling:
    """Draw a filling. own: keep the names and choices that were written, and take no word from another package."""
    spoken, short, taken = {}, {}, set()
    names = {
        s.letter: s.name if own else _new(lambda s=s: rng.choice(words.first_names(s.gender)), taken)
        for s in r.speakers
    }
    for name, slot in r.slots.items():
        if slot.kind == "choice":
            spoken[name] = slot.choices[0] if own else rng.choice(slot.choices)
        elif slot.kind == "time":
            hour, minute = rng.randint(1, 12), rng.randrange(0, 60, 5)
            spoken[name] = _new(lambda hour=hour, minute=minute: clock.draw_clock(rng, hour, minute), taken)
            short[name] = f"{hour}:{minute:02}"
        else:
            spoken[name] = _new(lambda slot=slot: _value(slot, rng, OWN if own else WIDE), taken)
            if slot.kind == "day":
                short[name] = conventions.SHORT_DAYS[spoken[name]]
    return Filling(spoken, {**spoken, **short}, names)


# Where a value comes from: the generator's lists for the bundled rows, wider ones for training.
OWN = {
    "city": lambda rng: rng.choice(TRAIN.cities),
    "street": lambda rng: f"{rng.choice(TRAIN.streets)} {rng.choice(words.STREETS)}",
    "surname": lambda rng: rng.choice(TRAIN.surnames),
    "f": lambda rng: rng.choice(OTHERS["f"]),
    "m": lambda rng: rng.choice(OTHERS["m"]),
}
WIDE = {
    "city": lambda rng: rng.choice(words.cities()),
    "street": words.street,
    "surname": lambda rng: rng.choice(words.surnames()),
    "f": lambda rng: rng.choice(words.first_names("f")),
    "m": lambda rng: rng.choice(words.first_names("m")),
}
# First names of people who are spoken of in the bundled rows.
OTHERS = {
    "f": ("Ada", "Bianca", "Carmen", "Dalia", "Edith", "Freya", "Gudrun", "Hedwig", "Ines"),
    "m": ("Aldo", "Basil", "Caspar", "Desmond", "Egon", "Felix", "Gareth", "Hugo", "Ivo"),
}


def _value(slot: Slot, rng: random.Random, source: dict) -> str:
    """One value of a slot that is neither a choice nor a time."""
    if slot.kind == "day":
        return rng.choice(list(conventions.SHORT_DAYS))
    if slot.kind == "price":
        return clock.price(rng.randint(*slot.span), rng.choice(clock.PRICE_FORMS))
    if slot.kind == "number":
        number = rng.randint(*slot.span)
        return clock.in_words(number) if number < 1000 and rng.random() < 0.5 else str(number)
    return source[slot.kind](rng)


def _new(draw, taken: set[str]) -> str:
    """A value that no other slot of the dialogue has."""
    for _ in range(50):
        value = draw()
        if value not in taken:
            break
    taken.add(value)
    return value


def substitute(text: str, values: dict[str, str], opens: bool = True) -> str:
    """Put values into the slots of a text, with a or an as they sound and a capital where a sentence begins.

    opens: the text itself begins a sentence.
    """

    def put(found: re.Match) -> str:
        article, value = found[1], values[found[2]]
        if article:
            value = f"{article}{'n' if VOWEL.match(value) else ''} {value}"
        begins = opens if found.start() == 0 else re.search(r"[.!?] $", text[: found.start()])
        return value[0].upper() + value[1:] if begins else value

    return ARTICLE_AND_SLOT.sub(put, text)


def tags(r: Record) -> dict[str, str]:
    """`#Person1#` for who speaks first, and so on."""
    order = list(dict.fromkeys(letter for letter, _ in r.turns))
    return {letter: f"#Person{number}#" for number, letter in enumerate(order, 1)}


def dialogue(r: Record, f: Filling) -> str:
    """The turns in DialogSum's form."""
    tag, values = tags(r), {**f.spoken, **f.names}
    return "\n".join(f"{tag[letter]}: {substitute(text, values)}" for letter, text in r.turns)


def named(r: Record, f: Filling, c: Convention) -> dict[str, str]:
    """How the convention calls each speaker: one whose name or role is not known is called by the tag."""
    spoken, tag = " ".join(text for _, text in r.turns), tags(r)

    def called(s: Speaker) -> str:
        if c.names == "name" and f"{{{s.letter}}}" in spoken:
            return f.names[s.letter]
        if c.names == "role" and s.role:
            return f"the {s.role}"
        return tag[s.letter]

    return {s.letter: called(s) for s in r.speakers}


def summary(r: Record, f: Filling, c: Convention) -> str:
    """The summary in a convention."""
    values = {**(f.short if c.time == "short" else f.spoken), **named(r, f, c)}

    def write(text: str) -> str:
        def keep(found: re.Match) -> str:
            is_price = any(r.slots[name].kind == "price" for name in SLOT.findall(found[1]) if name in r.slots)
            return "" if is_price and c.price == "omitted" else found[1]

        text = " ".join(DROPPED.sub(keep, text).split()).replace(" ,", ",")
        text = STARRED.sub(lambda v: tense.past(v[1]) if c.tense == "past" else v[1], text)
        return substitute(text, values, opens=False)

    event, ending = write(r.event), write(r.ending)
    _, because, reason = ending.partition(" because ")
    return conventions.told(event, ending, r.outcome, f"because {reason}" if because else "", r.topic, c)


def shows(r: Record) -> frozenset[str]:
    """The choices that the summary of this record shows."""
    dropped = DROPPED.findall(r.summary)
    kinds = {r.slots[name].kind for name in SLOT.findall(r.summary) if name in r.slots}
    priced = any(r.slots[name].kind == "price" for text in dropped for name in SLOT.findall(text) if name in r.slots)
    return styles.touched(r.outcome, bool(kinds & {"day", "time"}), priced)
