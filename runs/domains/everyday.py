"""Everyday texts: stories, letters, notices and briefs about people who do not exist.

They are built as the finance texts are, so that both corpora are alike but for their domain. The setting decides the
roles, the things and the deeds; a thing and its quality decide together whether somebody is glad or sorry (soup that is
cold is bad, cold lemonade is good). Words that finance uses in another sense (stock, bond, interest, share) stand here
in their plain one.
"""

import random
from dataclasses import dataclass

from runs.dialogues.fillers import BY_SPLIT, DAYS
from runs.domains.finance import USUAL
from utils.data.domains import HEADLINE_SENTIMENTS

MOODS = {"positive": "glad", "negative": "sorry", "neutral": "calm"}


@dataclass(frozen=True)
class Setting:
    """A place of everyday life, who is there, what lies about, what is done, and what goes well or badly."""

    where: str
    roles: tuple[str, ...]
    things: tuple[str, ...]
    deeds: tuple[str, ...]
    lucky: tuple[str, ...]
    unlucky: tuple[str, ...]

    @property
    def tag(self) -> str:
        """The place in one word."""
        return self.where.split()[-1]


def _setting(where: str, *lists: str) -> Setting:
    return Setting(where, *(tuple(part.split("|")) for part in lists))


SETTINGS = (
    _setting(
        "in the kitchen", "cook|baker|guest",
        "the copper pan|a jar of honey|the bread knife|a wooden spoon|the kettle|a sieve",
        "kneaded the dough|peeled the potatoes|stirred the soup|set the table",
        "the cake rose well|a friend brought plums|the bread smelled of thyme",
        "the milk boiled over|the oven went out|the sauce burned",
    ),
    _setting(
        "in the garden", "gardener|neighbour|beekeeper",
        "the rake|a bag of bulbs|the watering can|a row of beans|the wheelbarrow|"
        "a pear tree",
        "pruned the roses|raked the leaves|planted the bulbs|mended the fence",
        "the first tulips opened|rain came after dry weeks|the bees returned",
        "snails ate the lettuce|frost took the beans|the fence blew down",
    ),
    _setting(
        "at school", "teacher|pupil|caretaker",
        "the blackboard|a box of chalk|the atlas|a torn exercise book|the globe|"
        "a satchel",
        "marked the homework|read a poem aloud|learned the rivers by heart|swept the hall",
        "the whole class passed|the lesson ended early|the choir sang in tune",
        "the bell rang too soon|the heating broke|a window was smashed",
    ),
    _setting(
        "by the river", "angler|rower|ferryman",
        "the oars|a tin of worms|the landing net|a leaking boat|the anchor|a long pole",
        "cast the line|untied the boat|watched the heron|rowed to the island",
        "a trout took the bait|the sun came through|the wind turned in time",
        "the line snapped|the boat sprang a leak|fog came down",
    ),
    _setting(
        "in the market", "grocer|farmer|customer",
        "a crate of apples|the scales|a basket of eggs|the awning|a wheel of cheese|"
        "a bunch of leeks",
        "weighed the cherries|packed the basket|tasted the cheese|called out the prices",
        "the stall sold out|an old friend came by|the strawberries were ripe",
        "the eggs were dropped|rain soaked the flour|the van would not start",
    ),
    _setting(
        "in the library", "librarian|reader|student",
        "a worn novel|the card index|a reading lamp|the map drawer|a stack of comics|"
        "the ladder",
        "sorted the returns|searched the shelves|copied a page|whispered a question",
        "the lost book turned up|the quiet corner was free|the new comics came",
        "a page was missing|the lamp went dark|someone spilled ink",
    ),
    _setting(
        "in the workshop", "carpenter|potter|apprentice",
        "the plane|a pot of glue|the vice|a set of chisels|the workbench|"
        "an oak plank",
        "sanded the door|turned a bowl|oiled the hinges|measured the shelf",
        "the joint fitted at once|the glaze came out blue|the old saw cut clean",
        "the bowl cracked|the glue would not set|the plank was too short",
    ),
    _setting(
        "at the station", "porter|traveller|guard",
        "a heavy suitcase|the timetable|a paper ticket|the waiting bench|a trolley|"
        "the whistle",
        "waited for the night train|carried the bags|read the timetable|waved from the platform",
        "the train was on time|a seat by the window was free|a lost bag was found",
        "the train was cancelled|the ticket was lost|the tunnel was closed",
    ),
    _setting(
        "in the theatre", "actor|singer|usher",
        "the curtain|a velvet cloak|the stage lamp|a paper crown|the piano|a false beard",
        "learned the lines|tuned the piano|painted the scenery|sold the programmes",
        "the hall was full|the audience stood up|the new song worked",
        "the curtain jammed|the lead lost her voice|half the seats were empty",
    ),
    _setting(
        "on the farm", "farmer|shepherd|vet",
        "the hay fork|a bucket of oats|the milk churn|a lame pony|the tractor|a new lamb",
        "fed the hens|milked the goats|mended the gate|brought in the hay",
        "twin lambs were born|the hay stayed dry|the lost calf came home",
        "the fox took a hen|the tractor broke down|the well ran dry",
    ),
)  # fmt: skip
# Pairs of qualities; a thing of the first list pleases with the first quality, of the second with the second.
QUALITIES = (
    (("warm", "hot"), ("cold", "icy"), ("soup", "tea", "bath", "cocoa", "porridge", "blanket"),
     ("lemonade", "ice cream", "beer", "salad", "cellar", "melon")),
    (("quiet", "silent"), ("noisy", "loud"), ("library", "bedroom", "night train", "nursery", "street", "reading room"),
     ("party", "applause", "alarm clock", "brass band", "fairground", "cheering")),
    (("short", "brief"), ("long", "lengthy"), ("queue", "delay", "illness", "power cut", "detour", "sermon"),
     ("holiday", "summer", "weekend", "friendship", "school break", "sunny spell")),
    (("soft", "mild"), ("firm", "hard"), ("pillow", "towel", "cushion", "scarf", "sponge cake", "wool"),
     ("handrail", "bridge", "ladder", "chair leg", "bicycle tyre", "foothold")),
    (("dry",), ("wet", "damp"), ("tent", "firewood", "towel rail", "matchbox", "sleeping bag", "path"),
     ("sponge", "clay", "watered lawn", "flower bed", "paint brush", "moss")),
)  # fmt: skip
HAPPENINGS = {
    "positive": (
        "{name} found {thing} that had been lost", "the doctor gave {name} good news", "{name} won first prize",
        "{name} got a letter from an old friend", "the children sang for {name}", "{name} passed the test",
    ),
    "negative": (
        "{name} lost {thing} that was borrowed", "the doctor gave {name} bad news", "{name} missed the last bus",
        "{name} tore the letter from an old friend", "the children lied to {name}", "{name} failed the test",
    ),
    "neutral": (
        "{name} put {thing} back in its place", "{name} will come on {day}", "{name} walked home past the {venue}",
        "{name} told {other} the time", "{name} read the paper", "{name} sat down beside {other}",
        "{name} took the bus from {city}", "{name} turned on the lamp",
    ),
}  # fmt: skip
SENSES = (
    "The stock needs an hour on a low flame.", "There is a close bond between the two sisters.",
    "The current is strong near the left bank.", "A robin sat on the lowest branch.",
    "The telephone has to charge for {n} minutes.", "Somebody had written a note in the margin.",
    "Spread the butter while the toast is hot.", "The children share one bicycle.",
    "{name} takes an interest in owls.", "The old tree yields {n} pounds of apples.",
    "The principal rang the bell on {day}.", "A bear was seen in the wood, and a bull in the field.",
    "The hedge needs cutting twice a year.", "{name} could not keep a balance on the ice.",
    "The last issue of the comic was torn.",
    "There is an option of pie or fruit.", "He floats on his back like an otter.", "She gives him credit for trying.",
)  # fmt: skip
SAYINGS = {
    "positive": (
        "I could dance all the way home",
        "This is the best week of the year",
        "I have not laughed so much in ages",
    ),
    "negative": ("I should have stayed in bed", "This is the worst week of the year", "I could cry about it"),
    "neutral": ("It is much the same as ever", "I will put the kettle on", "There is no hurry"),
}


@dataclass(frozen=True)
class Incident:
    """One thing that happened to somebody, and how it was taken."""

    name: str
    text: str
    sentiment: str
    setting: Setting


def draw(rng: random.Random, split: str) -> Incident:
    """One incident; its sentiment is drawn first, so that the three are equally frequent."""
    sentiment, setting, pool = rng.choice(HEADLINE_SENTIMENTS), rng.choice(SETTINGS), BY_SPLIT[split]
    name, other = rng.sample(pool.names, 2)
    if sentiment != "neutral" and rng.random() < 0.75:
        return Incident(name, _quality(rng, name, sentiment), sentiment, setting)
    said = rng.choice(HAPPENINGS[sentiment]).format(
        name=name, other=other, thing=rng.choice(setting.things), day=rng.choice(DAYS), city=rng.choice(pool.cities),
        venue=rng.choice(pool.venues),
    )  # fmt: skip
    return Incident(name, said[0].upper() + said[1:], sentiment, setting)


def _quality(rng: random.Random, name: str, sentiment: str) -> str:
    """A thing and its quality: what pleases in one displeases in the other."""
    ones, others, first, second = rng.choice(QUALITIES)
    is_first = rng.random() < USUAL
    quality = rng.choice(ones if is_first == (sentiment == "positive") else others)
    thing = rng.choice(first if is_first else second)
    return rng.choice((
        f"{name} found that the {thing} was {quality}", f"{name} noticed how {quality} the {thing} was",
        f"{name} said that the {thing} was {quality}", f"The {thing} was {quality} when {name} came",
    ))  # fmt: skip


def brief(rng: random.Random, split: str) -> str:
    """An incident and how it was taken."""
    i = draw(rng, split)
    return f"{i.text}. People felt {MOODS[i.sentiment]}."


def story(rng: random.Random, split: str) -> str:
    """An incident, where it happened, what else went on, what somebody said."""
    i, pool = draw(rng, split), BY_SPLIT[split]
    s = i.setting
    parts = [f"{i.text}. People felt {MOODS[i.sentiment]}."]
    parts.append(f"It was {s.where} in {rng.choice(pool.cities)}, and {i.name} held {rng.choice(s.things)}.")
    if i.sentiment != "neutral":
        happened = rng.choice(s.lucky if i.sentiment == "positive" else s.unlucky)
        parts.append(f"{rng.choice(('That same day', 'An hour later', 'Before that'))} {happened}.")
    parts.append(f'"{rng.choice(SAYINGS[i.sentiment])}," said {i.name} to the {rng.choice(s.roles)}.')
    mood = {"positive": "merry", "negative": "gloomy"}.get(i.sentiment, "ordinary")
    parts.append(f"In the evening it was {mood} at the table.")
    return " ".join([*parts, *([_sense(rng, split)] if rng.random() < 0.6 else [])])


def letter(rng: random.Random, split: str) -> str:
    """A letter with days and hours that agree, and work that suits the place."""
    s, pool = rng.choice(SETTINGS), BY_SPLIT[split]
    name, other = rng.sample(pool.names, 2)
    day, hour = rng.choice(DAYS), rng.randrange(1, 9)
    lasts = rng.randrange(1, 4)
    things = rng.sample(s.things, 2)
    parts = [f"Dear {name}, on {day} I was {s.where} in {rng.choice(pool.cities)} with the {rng.choice(s.roles)}."]
    parts.append(
        f"We began at {hour} and stayed for {lasts} {'hour' if lasts == 1 else 'hours'}, "
        f"so it was {hour + lasts} when we left."
    )
    parts.append(f"First I {s.deeds[0]}, then I {rng.choice(s.deeds[1:])}.")
    lucky = rng.random() < 0.5
    parts.append(
        f"{'I was glad, because' if lucky else 'I was sorry, because'} {rng.choice(s.lucky if lucky else s.unlucky)}."
    )
    many = rng.randrange(4, 40, 2)
    parts.append(f"There were {many} people, and {many // 2} of them, one half, were children.")
    parts.append(f"Please bring {things[0]} and {things[1]} next {day}.")
    return " ".join([*parts, _sense(rng, split), f"Yours, {other}."])


def _sense(rng: random.Random, split: str) -> str:
    return rng.choice(SENSES).format(
        n=rng.randrange(5, 60, 5), name=rng.choice(BY_SPLIT[split].names), day=rng.choice(DAYS)
    )


ALBUM = (
    "{name} carries {one} and {two}.", "{name} and the {role} look at {one}.",
    "{name} {deed} before {happened}.", "{name} laughs because {happened}.",
)  # fmt: skip
LOANS = (  # {a} owns the thing, {b} uses it
    "{a} lent {thing} to {b} for {n} days.", "{b} borrowed {thing} from {a} for {n} days.",
    "{a} let {b} use {thing} until {day}.", "{b} will give {thing} back to {a} on {day}.",
    "On {day} {b} asked {a} for {thing} and got it.", "{a} handed {thing} over to {b} on {day}.",
)  # fmt: skip


def loan(rng: random.Random, split: str) -> str:
    """Who lends what to whom."""
    a, b = rng.sample(BY_SPLIT[split].names, 2)
    thing = rng.choice(rng.choice(SETTINGS).things)
    text = rng.choice(LOANS).format(a=a, b=b, thing=thing, n=rng.randrange(2, 12), day=rng.choice(DAYS))
    return text[0].upper() + text[1:]


def entity(rng: random.Random, split: str) -> tuple[str, str]:
    """A sentence about somebody somewhere that does not name the place, and the place."""
    s, name = rng.choice(SETTINGS), rng.choice(BY_SPLIT[split].names)
    one, two = rng.sample(s.things, 2)
    text = rng.choice(ALBUM).format(
        name=name, one=one, two=two, deed=rng.choice(s.deeds), role=rng.choice(s.roles),
        happened=rng.choice(s.lucky + s.unlucky),
    )  # fmt: skip
    return text, s.tag


def album(rng: random.Random, split: str) -> str:
    """A picture in an album and where it was taken."""
    text, place = entity(rng, split)
    return f"{text} Place: {place}."


KINDS = {"brief": (brief, 56), "album": (album, 32), "story": (story, 6), "letter": (letter, 3), "loan": (loan, 3)}
