"""English wishes and what they mean in a small command language: `add(list="shopping", item="lamps", count=3)`.

command  = verb "(" argument { ", " argument } ")", where each verb is a key of COMMANDS
argument = name "=" value, in the order of the verb's signature, and only what the wish names
value    = a whole number, or text of the wish between double quotes; order is "up" or "down"
"""

import json
import random
from collections.abc import Iterator

from runs.dialogues.fillers import BY_SPLIT, DAYS, NUMBERS, invented_word


def _pools(train: str, validation: str, test: str) -> dict[str, tuple[str, ...]]:
    return {
        "train": tuple(train.split()),
        "validation": tuple(validation.split()),
        "test": tuple(test.split()),
    }


ITEMS = _pools(
    "lamps books chairs apples pens cups towels candles plates shirts keys boxes stamps tickets batteries bottles "
    "pillows spoons forks knives socks gloves hats scarves coats boots shoes belts bags baskets brushes buckets "
    "nails screws ropes hoses pots pans bowls kettles clocks mirrors carpets curtains blankets lemons onions "
    "carrots potatoes pears plums eggs cakes pies biscuits sandwiches newspapers magazines maps postcards "
    "envelopes pencils notebooks folders rulers cables chargers phones cameras radios tents bikes helmets balls "
    "kites puzzles dolls drums violins flowers seeds trees ladders hammers",
    "bulbs tomatoes jars stools crayons oranges ribbons whistles wheels",
    "peaches cushions torches melons buttons posters trumpets walnuts needles lanterns napkins markers "
    "sweaters cherries benches magnets vases",
)
LISTS = _pools(
    "shopping holiday work garden birthday school kitchen party travel reading wish repair packing office weekend "
    "family cleaning garage bedroom music baking summer",
    "camping wedding cellar",
    "picnic hobby winter concert workshop nursery",
)
PLACES = _pools(
    "bank school dentist library hotel bakery doctor garage office hospital museum landlord plumber florist",
    "pharmacy tailor kindergarten",
    "optician embassy gardener theatre locksmith",
)
TASKS = (
    "call the {place}", "visit the {place}", "write to the {place}", "pay the {place}", "call {friend}",
    "visit {friend}", "write to {friend}", "thank {friend}", "buy {item}", "collect the {item}", "clean the {item}",
    "pack the {item}", "return the {item}", "take the {item} to {friend}",
)  # fmt: skip
KEYS = ("price", "name", "date", "size", "weight", "colour")
ORDERS = {
    "upwards": "up", "going up": "up", "lowest first": "up", "in rising order": "up",
    "downwards": "down", "going down": "down", "highest first": "down", "in falling order": "down",
}  # fmt: skip

# Each verb has a signature and phrasings; a blank in a phrasing is an argument of the command.
COMMANDS = {
    "add": (("list", "item", "count"), (
        "Please put {count} {item} on the {list} list.", "Add {item} to the {list} list.",
        "We need {count} {item} for the {list} list.", "Could you add {count} {item} to my {list} list?",
        "The {list} list should also have {item}.", "On the {list} list, write {count} {item}.",
        "Note {count} {item} under {list}.",
    )),
    "remove": (("list", "item", "count"), (
        "Take the {item} off the {list} list.", "Please remove {count} {item} from the {list} list.",
        "I no longer need the {item} on my {list} list.", "Delete the {item} from the {list} list.",
        "Cross out {count} {item} on the {list} list.", "The {item} can go from the {list} list.",
    )),
    "list": (("list", "count"), (
        "Show me the {list} list.", "What is on the {list} list?", "Read the {list} list to me.",
        "Could I see the first {count} entries of the {list} list?",
        "Please print the top {count} of the {list} list.", "Let me see everything on the {list} list.",
    )),
    "move": (("item", "source", "target"), (
        "Move the {item} from the {source} list to the {target} list.",
        "The {item} belong on the {target} list, not on the {source} list.",
        "Please shift the {item} on the {source} list over to the {target} list.",
        "Shift the {item} to the {target} list.",
        "Take the {item} off the {source} list and put them on the {target} list.",
        "Let the {item} go from {source} to {target}.",
    )),
    "rename": (("list", "name"), (
        "Rename the {list} list to {name}.", "Call the {list} list {name} from now on.",
        "The {list} list should be called {name}.", "Please give the {list} list the name {name}.",
        "I want {name} as the new name of the {list} list.", "Let {name} be the name of the {list} list.",
    )),
    "remind": (("who", "day", "time", "what"), (
        "Remind {who} on {day} at {time} to {what}.", "Please remind {who} to {what}.",
        "On {day}, remind me to {what}.", "Tell {who} on {day} to {what}.",
        "At {time} I have to {what}, so remind me.", "{who} must not forget to {what} on {day}.",
        "Make sure that {who} knows on {day} at {time} to {what}.",
    )),
    "set": (("item", "price"), (
        "Set the price of the {item} to {price} dollars.", "The {item} now cost {price} dollars.",
        "From today we sell the {item} for {price} dollars.",
        "Please change the price of the {item} to {price} dollars.", "Let us ask {price} dollars for the {item}.",
        "Make it {price} dollars for the {item}.",
    )),
    "copy": (("list", "who", "name"), (
        "Copy the {list} list and call the copy {name}.", "Give {who} a copy of the {list} list.",
        "Make a copy of the {list} list for {who}.", "I want a second {list} list with the name {name}.",
        "Please save the {list} list again as {name}.", "{who} needs the {list} list too, under the name {name}.",
    )),
    "count": (("item", "list"), (
        "How many {item} are on the {list} list?", "Count the {item} on the {list} list.",
        "How long is the {list} list?", "Please tell me the number of {item} on the {list} list.",
        "How many things does the {list} list have?", "I want to know how many {item} we have.",
    )),
    "sort": (("list", "by", "order"), (
        "Sort the {list} list by {by}.", "Sort the {list} list by {by}, {order}.",
        "Put the {list} list in order of {by}.", "Please arrange the {list} list by {by}, {order}.",
        "I want the {list} list sorted {order} by {by}.", "The {list} list should be ordered by {by}, {order}.",
    )),
    "find": (("item", "quality", "city", "price"), (
        "Find {quality} {item} in {city} for at most {price} dollars.", "Where in {city} can I get {quality} {item}?",
        "I am looking for {item} in {city}.", "Search for {quality} {item} under {price} dollars.",
        "Are there {item} below {price} dollars in {city}?", "Please look for {quality} {item}.",
    )),
    "send": (("item", "count", "who", "address"), (
        "Send {count} {item} to {who} at {address}.", "{who} gets {count} {item}.",
        "Please post the {item} to {address}.", "Let {who} have {count} {item}.",
        "The {item} go to {who} at {address}.", "Deliver {count} {item} to {address}.",
    )),
    "meet": (("who", "city", "day", "time"), (
        "I will meet {who} in {city} on {day} at {time}.", "Note that I see {who} on {day}.",
        "Plan a meeting with {who} in {city}.", "On {day} at {time}, {who} and I have a meeting.",
        "{who} will be in {city} on {day}, so let us meet there.",
        "Please put {who} in my diary for {day} at {time}.",
    )),
}  # fmt: skip


class _Drawer:
    """Draws the blanks of one wish from one split; with probability `invented` a made-up word takes a pool's place."""

    def __init__(self, rng: random.Random, split: str, invented: float):
        self.rng, self.split, self.invented = rng, split, invented

    def several(self, pool: tuple[str, ...], count: int) -> list[str]:
        """Different entries of the pool, some made up."""
        drawn = self.rng.sample(pool, count)
        return [invented_word(self.rng) if self.rng.random() < self.invented else entry for entry in drawn]

    def item(self) -> str:
        """Several of a thing."""
        (item,) = self.several(ITEMS[self.split], 1)
        return f"{item.lower()}s" if item[0].isupper() else item

    def blanks(self) -> dict[str, str]:
        """Every blank as it is spoken."""
        rng, f = self.rng, BY_SPLIT[self.split]
        who, friend = self.several(f.names, 2)
        source, target = (entry.lower() for entry in self.several(LISTS[self.split], 2))
        (city, name), (street,) = self.several(f.cities, 2), self.several(f.streets, 1)
        task = rng.choice(TASKS).format(place=rng.choice(PLACES[self.split]), friend=friend, item=self.item())
        return {
            "who": who,
            "list": source,
            "source": source,
            "target": target,
            "city": city,
            "name": name,
            "address": f"{rng.randint(1, 99)} {street} Street",
            "item": self.item(),
            "quality": rng.choice(f.qualities),
            "what": task,
            "day": rng.choice(DAYS),
            "time": rng.choice(f.times),
            "price": str(rng.choice(f.prices)),
            "count": rng.choice((*NUMBERS, *map(str, range(2, 31)))),
            "by": rng.choice(KEYS),
            "order": rng.choice(tuple(ORDERS)),
        }


def _value(name: str, spoken: str) -> str:
    """An argument as the command writes it."""
    if name == "count" and spoken in NUMBERS:
        return str(2 + NUMBERS.index(spoken))
    if name in ("count", "price"):
        return spoken
    return json.dumps(ORDERS[spoken] if name == "order" else spoken)


def draw(rng: random.Random, split: str, invented: float = 0.0) -> tuple[str, str]:
    """One wish and its command; a share `invented` of items, lists, names, cities and streets are made-up words."""
    verb = rng.choice(tuple(COMMANDS))
    signature, phrasings = COMMANDS[verb]
    phrasing, spoken = rng.choice(phrasings), _Drawer(rng, split, invented).blanks()
    arguments = (f"{name}={_value(name, spoken[name])}" for name in signature if f"{{{name}}}" in phrasing)
    return phrasing.format(**spoken), f"{verb}({', '.join(arguments)})"


def stream(split: str, seed: int, invented: float = 0.0) -> Iterator[tuple[str, str]]:
    """Endless (wish, command) pairs of one split; the same arguments give the same pairs."""
    rng = random.Random(f"command {split} {seed}")
    while True:
        yield draw(rng, split, invented)
