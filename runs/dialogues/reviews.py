"""Short reviews with a sentiment.

Words of praise and blame are shared by all splits; each split has its own things, sentence frames and asides.
A negated frame ("not {adjective}", "I did not {verb} it") turns the sentiment of its word round.
"""

import random
from collections.abc import Iterator

from utils.data import SENTIMENTS

ROWS = {"train": 400, "validation": 100, "test": 500}
NEGATED_SHARE = 0.2
VERBALISERS = (
    ("Positive", "Negative"), ("good", "bad"), ("yes", "no"), ("5", "1"), ("+", "-"), ("like", "dislike"),
    ("great", "awful"), ("up", "down"), ("happy", "sad"), ("A", "F"), ("true", "false"), ("win", "loss"),
    ("right", "wrong"), ("keep", "return"), ("praise", "blame"), ("warm", "cold"), ("thumbs up", "thumbs down"),
)  # fmt: skip

ADJECTIVES = {
    "positive": "good great wonderful excellent lovely fantastic superb brilliant amazing beautiful "
    "delightful charming splendid marvellous terrific fabulous outstanding impressive pleasant enjoyable "
    "remarkable magnificent fine nice satisfying reliable useful inspiring stunning admirable first-class "
    "pleasing likeable gorgeous glorious refreshing rewarding sensational valuable attractive commendable "
    "heavenly exquisite memorable thrilling agreeable fascinating helpful handsome practical elegant "
    "trustworthy".split(),
    "negative": "bad awful terrible horrible dreadful poor disappointing useless boring dull ugly annoying "
    "nasty unpleasant lousy mediocre worthless shoddy shabby miserable pathetic hopeless faulty flawed "
    "disgusting dismal ghastly appalling atrocious abysmal horrid inferior irritating tedious frustrating "
    "depressing unreliable tasteless second-rate laughable clumsy dreary tiresome wretched hideous "
    "lamentable unsatisfying embarrassing pitiful revolting defective impractical".split(),
}
# All are regular: see `_forms`.
VERBS = {
    "positive": "love like enjoy adore admire recommend treasure appreciate cherish praise value relish "
    "trust applaud".split(),
    "negative": "hate dislike detest loathe despise resent curse mistrust distrust deplore scorn condemn "
    "disdain reject".split(),
}
NOUNS = {
    "positive": "a joy|a delight|a pleasure|a treasure|a gem|a success|a triumph|a bargain|a masterpiece|"
    "a winner|a marvel|a treat|a blessing|a dream".split("|"),
    "negative": "a disappointment|a disaster|a failure|a mess|a nightmare|a flop|a letdown|a waste of money|"
    "a rip-off|a mistake|a nuisance|a catastrophe|a fiasco|a bore".split("|"),
}
INTENSIFIERS = "very really truly quite so simply absolutely".split()
ADVERBS = "really truly simply absolutely".split()

GOODS = {
    "train": "book phone coat game lamp tent bike soup watch desk tool cake jacket radio boat printer "
    "guitar camera mattress kettle carpet table cup plate bowl spoon fork knife pan pot oven fridge freezer "
    "toaster mixer blender grill heater fan candle mirror clock shelf cupboard drawer bed pillow towel "
    "curtain rug vase basket bucket broom brush mop iron ladder hammer saw drill wrench shovel rake hose "
    "lock bell doormat shirt dress skirt jumper scarf hat cap belt glove shoe boot sandal sock tie ring "
    "necklace bracelet wallet purse suitcase backpack umbrella helmet car van scooter tractor trailer "
    "sledge kayak tyre battery charger cable keyboard mouse monitor speaker headset microphone tablet "
    "router scanner calculator telescope microscope violin piano drum flute trumpet record magazine "
    "newspaper dictionary calendar notebook pencil ruler stapler puzzle doll kite ball racket puppet toy "
    "sandwich pizza pie salad burger biscuit pancake omelette stew curry".split(),
    "validation": "bag pen sofa jar stool easel thermos cello muffin bench".split(),
    "test": "chair album novel blanket laptop ticket poster couch bottle teapot raincoat wardrobe lawnmower "
    "hammock cushion sweater skateboard typewriter projector compass torch saddle accordion dessert sausage "
    "waffle".split(),
}
OUTINGS = {
    "train": "hotel meal song show trip concert garden course museum zoo park beach market theatre opera "
    "ballet lecture lesson workshop festival party fair cruise ferry flight hostel campsite bar pub bakery "
    "gallery castle class exhibition match race parade circus film podcast".split(),
    "validation": "play tour motel picnic".split(),
    "test": "movie restaurant musical cinema library aquarium sauna excursion comedy".split(),
}
THINGS = {split: GOODS[split] + OUTINGS[split] for split in GOODS}

# {very} and {really} leave a space after themselves, or nothing at all.
PLAIN = {
    "train": {
        "adjective": (
            "This {thing} is {very}{adjective}.", "The {thing} was {very}{adjective}.",
            "How {adjective} this {thing} is!", "I think this {thing} is {very}{adjective}.",
            "In my opinion the {thing} is {very}{adjective}.", "This is one {adjective} {thing}.",
            "That {adjective} {thing} is all my sister talks about.", "I find this {thing} {very}{adjective}.",
            "To me, the {thing} seems {very}{adjective}.",
            "Everyone says that the {thing} is {adjective}, and it is.",
            "{Adjective}! That is my word for this {thing}.", "Simply {adjective}, this {thing}.",
            "The {thing} turned out to be {very}{adjective}.", "We all agree that the {thing} is {very}{adjective}.",
            "The {thing} I chose is {adjective} and {other}.", "It is {very}{adjective}, this {thing}.",
            "The {thing} looks {very}{adjective}.", "The {thing} is {adjective}, plain and simple.",
            "One word for this {thing}: {adjective}.", "The {thing} is as {adjective} as I was told.",
            "I have to say, the {thing} is {very}{adjective}.",
            "From start to end, this {thing} was {very}{adjective}.", "The {thing}? {Adjective} and {other}.",
            "My friends call the {thing} {adjective}, and so do I.", "Yes, this {thing} really is {adjective}.",
            "I will remember this {adjective} {thing}.", "They told me about this {adjective} {thing}.",
            "My verdict on the {thing}: {very}{adjective}.", "This {thing} has been {very}{adjective} from day one.",
            "So far the {thing} has been {very}{adjective}.", "Both my sons find the {thing} {very}{adjective}.",
            "For that price the {thing} is {very}{adjective}.", "{Adjective} and {other}, that is the {thing}.",
            "Compared with others, this {thing} is {very}{adjective}.",
        ),
        "verb": (
            "I {verb} this {thing}.", "I {past} this {thing}!", "I {really}{past} the {thing}.",
            "How I {verb} this {thing}!", "We {really}{verb} the {thing}.", "My wife {verbs} this {thing}.",
            "My whole family {verbs} the {thing}.", "Everyone {past} the {thing}.",
            "I {verb} everything about this {thing}.", "I still {verb} the {thing}.",
            "I {past} the {thing} from the first day.", "The {thing} was {past} by all of us.",
            "I must say that I {really}{verb} the {thing}.", "My brother {verbs} the {thing}, and so do I.",
            "Both of us {really}{past} this {thing}.", "I {past} the {thing}, and so did my parents.",
            "I will always {verb} this {thing}.", "You will {verb} this {thing}.",
            "I {verb} the {thing} more every day.", "I came to {verb} this {thing}.",
            "It is easy to {verb} this {thing}.", "I {really}{verb} that {thing}.",
            "I know many people who {verb} the {thing}.", "This {thing} is one that I {really}{verb}.",
            "I tried the {thing} and {past} it.", "As for the {thing}, I {really}{verb} it.",
            "We have {past} this {thing} for years.", "My children {verb} this {thing}.",
            "Our guests {past} the {thing}.", "Do I {verb} this {thing}? Yes, I do.",
        ),
        "noun": (
            "This {thing} is {noun}.", "The {thing} was {really}{noun}.", "What {noun} this {thing} is!",
            "I call this {thing} {noun}.", "For me the {thing} is {noun}.", "The {thing} turned out to be {noun}.",
            "It is {noun}, this {thing}.", "This {thing} has been {noun} from the first day.",
            "The {thing} proved to be {noun}.", "In short, the {thing} is {noun}.",
            "Everyone agrees: the {thing} is {noun}.", "We think the {thing} is {really}{noun}.",
            "The {thing} became {noun}.", "I see the {thing} as {noun}.", "My parents call the {thing} {noun}.",
            "That {thing} was {really}{noun} for all of us.", "All in all, the {thing} is {noun}.",
            "The {thing} is {really}{noun}, if you ask me.", "I know the {thing}, and what {noun} it is!",
            "You can take it from me: the {thing} is {noun}.", "Once more, the {thing} was {noun}.",
            "I tell everyone that this {thing} is {noun}.", "To us this {thing} is {noun}.",
            "So far the {thing} has been {really}{noun}.", "The {thing} remains {noun}.",
            "Yes, this {thing} really is {noun}.", "My sister tried the {thing}: {noun}, she says.",
            "I have to say, the {thing} is {noun}.",
        ),
    },
    "validation": {
        "adjective": (
            "By now I know that the {thing} is {very}{adjective}.",
            "Most people will find this {thing} {adjective}.",
        ),
        "verb": ("By now I {really}{verb} the {thing}.", "Most people will {verb} this {thing}."),
        "noun": ("By now I know that the {thing} is {noun}.", "Most people would say this {thing} is {really}{noun}."),
    },
    "test": {
        "adjective": (
            "After a week I can say that this {thing} is {very}{adjective}.",
            "Here in town the {thing} is known as {adjective} and {other}.",
            "If you ask my neighbours, the {thing} is {very}{adjective}.",
            "My aunt wrote to say how {adjective} the {thing} is.",
            "Having tried many, I know that this {thing} is {very}{adjective}.",
            "Two weeks on, the {thing} still seems {very}{adjective}.",
        ),
        "verb": (
            "After a month we {really}{verb} this {thing}.", "Here is what I think of the {thing}: I {verb} it.",
            "My neighbours {past} the {thing} as well.", "The longer I know this {thing}, the more I {verb} it.",
            "All the people I asked {really}{verb} the {thing}.",
        ),
        "noun": (
            "After a month I can tell you that the {thing} is {noun}.",
            "Ask anyone here: this {thing} is {really}{noun}.", "Of all that I have tried, this {thing} was {noun}.",
            "My neighbours say that the {thing} is {noun}.", "As far as I can see, the {thing} is {really}{noun}.",
        ),
    },
}  # fmt: skip
NEGATED = {
    "train": {
        "adjective": (
            "This {thing} is not {adjective}.", "The {thing} was not {adjective} at all.",
            "The {thing} isn't {adjective}.", "The {thing} is far from {adjective}.",
            "This {thing} was never {adjective}.", "This {thing} is hardly {adjective}.",
            "I do not think that this {thing} is {adjective}.", "I wouldn't call this {thing} {adjective}.",
            "Nobody can say that the {thing} is {adjective}.", "The {thing} wasn't really {adjective}.",
            "It is anything but {adjective}, this {thing}.", "I cannot call the {thing} {adjective}.",
            "I never found this {thing} {adjective}.", "The {thing} is by no means {adjective}.",
            "Nothing about the {thing} is {adjective}.", "The {thing} is neither {adjective} nor {other}.",
            "I did not find the {thing} {adjective}.", "They told me it was {adjective}, but this {thing} is not.",
        ),
        "verb": (
            "I did not {verb} this {thing}.", "I don't {verb} the {thing}.", "I do not {verb} this {thing} at all.",
            "My wife does not {verb} the {thing}.", "We didn't {verb} the {thing}.", "I never {past} this {thing}.",
            "I could not {verb} the {thing}.", "Nobody {verbs} this {thing}.", "None of us {past} the {thing}.",
            "I can't {verb} this {thing}.", "No one in my family {past} the {thing}.",
            "I would never {verb} this {thing}.", "I tried the {thing} and did not {verb} it.",
            "As for the {thing}, I do not {verb} it.", "You will not {verb} this {thing}.",
            "My children don't {verb} the {thing}.", "Do I {verb} this {thing}? No, I do not.",
        ),
        "noun": (
            "This {thing} is not {noun}.", "The {thing} was not {noun} at all.", "The {thing} isn't {noun}.",
            "This {thing} is far from {noun}.", "The {thing} was never {noun}.",
            "This {thing} is anything but {noun}.", "The {thing} is hardly {noun}.",
            "I would not call this {thing} {noun}.", "I don't think the {thing} is {noun}.",
            "I cannot say that the {thing} was {noun}.", "Nobody would call this {thing} {noun}.",
            "The {thing} did not turn out to be {noun}.", "The {thing} is by no means {noun}.",
            "The {thing} has never been {noun}.", "They told me it was {noun}, but this {thing} is not.",
        ),
    },
    "validation": {
        "adjective": (
            "By now I know that the {thing} is not {adjective}.",
            "Most people would not find this {thing} {adjective}.",
        ),
        "verb": ("By now I do not {verb} the {thing}.", "Most people did not {verb} this {thing}."),
        "noun": (
            "By now I know that the {thing} is far from {noun}.",
            "Most people would say this {thing} is not {noun}.",
        ),
    },
    "test": {
        "adjective": (
            "After all these months the {thing} is not {adjective}.",
            "The {thing} that I picked is far from {adjective}.",
            "In all this time the {thing} was never {adjective}.",
            "My neighbours do not find the {thing} {adjective}.",
            "Whatever they say, this {thing} is not {adjective}.",
            "Having tried it, I would not call the {thing} {adjective}.",
        ),
        "verb": (
            "After a month I still do not {verb} the {thing}.", "My neighbours did not {verb} this {thing}.",
            "I gave the {thing} some time, but I did not {verb} it.", "Nobody that I asked {verbs} this {thing}.",
            "We never {past} the {thing}, to tell the truth.",
        ),
        "noun": (
            "After a month I would say that this {thing} is not {noun}.",
            "Whatever they say, the {thing} is far from {noun}.", "To tell the truth, the {thing} was never {noun}.",
            "As far as I can see, this {thing} is not {noun}.",
            "The people I asked do not think that the {thing} is {noun}.",
        ),
    },
}  # fmt: skip
KINDS = {"adjective": 2, "verb": 1, "noun": 1}

# Clauses without a sentiment, for any thing and for goods alone.
ASIDES = {
    "train": (
        "I found it online.", "My brother told me about it.", "I heard of it in May.", "It was my turn to choose.",
        "I paid with a card.", "There were four of us.", "It took us an hour to decide.", "That was last week.",
        "I am writing this on a train.", "I chose it on a Monday.", "I saw a picture of it in March.",
        "I live nearby.", "My daughter is ten.",
    ),
    "validation": ("It was late in the evening.", "I read about it in a letter."),
    "test": (
        "I read about it in the newspaper.", "A colleague mentioned it in June.", "It was a Sunday in autumn.",
        "We had talked about it for three days.",
    ),
}  # fmt: skip
BOUGHT = {
    "train": (
        "I bought it in May.", "I bought it last week.", "I bought it for my brother.", "I bought it online.",
        "It came in a brown box.", "It arrived on a Tuesday.", "I ordered it in March.", "It was sent to my office.",
    ),
    "validation": ("I bought it in Rome.", "It came with two others."),
    "test": ("I bought it in the spring.", "It came by post.", "I got it from a shop near the station."),
}  # fmt: skip


def _forms(verb: str) -> dict[str, str]:
    """Base form, past and third person of a regular verb."""
    past = f"{verb}d" if verb.endswith("e") else f"{verb}ed"
    return {"verb": verb, "past": past, "verbs": f"{verb}es" if verb.endswith("sh") else f"{verb}s"}


def _words(rng: random.Random, polarity: str) -> dict[str, str]:
    """A value for every blank but the thing; all words have the same polarity."""
    adjective, other = rng.sample(ADJECTIVES[polarity], 2)
    return {
        **_forms(rng.choice(VERBS[polarity])),
        "adjective": adjective,
        "Adjective": adjective.capitalize(),
        "other": other,
        "noun": rng.choice(NOUNS[polarity]),
        "very": rng.choice(("", "", f"{rng.choice(INTENSIFIERS)} ")),
        "really": rng.choice(("", "", f"{rng.choice(ADVERBS)} ")),
    }


def _with_aside(rng: random.Random, split: str, thing: str, text: str) -> str:
    """A neutral clause before or after two reviews of five."""
    aside = rng.choice(ASIDES[split] + (BOUGHT[split] if thing in GOODS[split] else ()))
    return rng.choice((f"{aside} {text}", f"{text} {aside}", text, text, text))


def draw(rng: random.Random, split: str, negated_share: float = NEGATED_SHARE) -> tuple[str, str]:
    """One review and its sentiment, "positive" or "negative"; `negated_share` of the reviews turn a word round."""
    sentiment, thing = rng.choice(SENTIMENTS), rng.choice(THINGS[split])
    negated = rng.random() < negated_share
    polarity = SENTIMENTS[1 - SENTIMENTS.index(sentiment)] if negated else sentiment
    kind = rng.choices(tuple(KINDS), tuple(KINDS.values()))[0]
    frame = rng.choice((NEGATED if negated else PLAIN)[split][kind])
    text = frame.format(thing=thing, **_words(rng, polarity))
    return _with_aside(rng, split, thing, text), sentiment


def stream(split: str, seed: int, negated_share: float = NEGATED_SHARE) -> Iterator[tuple[str, str]]:
    """Endless (review, sentiment) pairs of one split."""
    rng = random.Random(f"review {split} {seed}")
    while True:
        yield draw(rng, split, negated_share)


def rows(split: str, seed: int) -> list[dict[str, str]]:
    """ROWS[split] different reviews."""
    seen: dict[str, str] = {}
    for text, sentiment in stream(split, seed):
        if len(seen) == ROWS[split]:
            return [
                {"id": f"{split}_{i}", "text": text, "sentiment": sentiment}
                for i, (text, sentiment) in enumerate(seen.items())
            ]
        seen.setdefault(text, sentiment)
