"""The words that fill a dialogue's blanks, kept apart by split: no filler of one split occurs in another."""

import random
from dataclasses import dataclass

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Fillers:
    """What one split may put into a dialogue; prices are whole dollars, times are of the clock."""

    names: tuple[str, ...]
    surnames: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[str, ...]
    venues: tuple[str, ...]
    qualities: tuple[str, ...]
    times: tuple[str, ...]
    prices: tuple[int, ...]


def _times(*remainders: int) -> tuple[str, ...]:
    """Every split gets its own times, and each digit occurs in all splits."""
    clock = ((hour, minute) for hour in range(1, 13) for minute in range(0, 60, 5))
    return tuple(f"{hour}:{minute:02}" for hour, minute in clock if (hour + minute // 5) % 5 in remainders)


def _prices(*remainders: int) -> tuple[int, ...]:
    """As with times."""
    return tuple(price for price in range(10, 140) if price % 11 in remainders)


TRAIN = Fillers(
    names=tuple(
        "Anna Ben Carla David Elena Frank Grace Henry Irene Jack Karen Leo Maria Nick Olga Paul Rita Sam Tina Victor "
        "Wendy Adam Bella Chris Diana Eric Fiona George Helen Ian Julia Kevin Laura Mark Nora Oscar Paula Robert Sara "
        "Tom Ursula Walter Yara Zoe Alan Bianca Carl Doris Emil Flora Gavin Hannah Igor Jane Kurt Lucy Martin Nadia "
        "Owen Petra Ralph Sofia Theo Vera Will Agnes Bruno Clara Dennis Eva Felix Gina Hugo Ida Jonas Kate Louis Mona "
        "Noah Olive Peter Rosa Simon Tessa Umberto Viola Wanda Andrew Brenda Colin Daisy Edgar Freya Gordon Hilda Ivan "
        "Joan Keith Linda Mike Nina Otto Pam Roger Stella Tony Vince Abby Boris Cindy Dan Ella Fred "
        "Gloria Harry".split()
    ),
    surnames=tuple(
        "Adams Baker Carter Dixon Evans Foster Grant Harris Irving Jones Keller Lewis Moore Nelson Olsen Parker Quinn "
        "Reed Smith Turner Vance Walker Young Abbot Bell Clark Dunn Ellis Fisher Green Hill James King "
        "Long Mason".split()
    ),
    streets=tuple(
        "Oak Park Mill River Church Station Garden Bridge School Market Castle Forest Spring North South Lake Rose "
        "Green Queen Harbour Orchard Meadow Chapel Tower".split()
    ),
    cities=tuple(
        "London Paris Berlin Rome Madrid Vienna Prague Oslo Boston Chicago Denver Tokyo Sydney Dublin Athens Lisbon "
        "Warsaw Zurich Seattle Montreal Cairo Delhi Seoul Milan".split()
    ),
    venues=tuple(
        "Blue Door|Corner House|Old Mill|Golden Fork|Green Leaf|Harbour Club|Silver Spoon|Red Lion|Garden Hall|"
        "Sunny Side|White Horse|City Arms|Olive Tree|Lucky Star|Black Cat|River View".split("|")
    ),
    qualities=tuple(
        "old new small large red blue green white black brown heavy light cheap plain spare second-hand "
        "soft dark".split()
    ),
    times=_times(0, 1, 2),
    prices=_prices(0, 1, 2, 4, 5, 6, 8, 9, 10),
)
VALIDATION = Fillers(
    names=tuple(
        "Albert Beatrice Cecil Dora Edwin Florence Gilbert Harriet Isaac Josephine Kenneth Lydia Maurice Nancy".split()
    ),
    surnames=tuple("Archer Bishop Cooper Dawson Elliott Fletcher Gibson Hughes".split()),
    streets=tuple("Cedar Windmill Abbey Canal Hazel Granite".split()),
    cities=tuple("Naples Geneva Bergen Houston Osaka Bristol".split()),
    venues=tuple("Copper Kettle|Stone Barn|Lemon Grove|Crown Hotel|Night Owl".split("|")),
    qualities=tuple("grey striped sturdy modern".split()),
    times=_times(3),
    prices=_prices(3),
)
TEST = Fillers(
    names=tuple(
        "Arthur Barbara Conrad Delia Ernest Frida Gregory Heidi Imogen Jasper Kirsten Lionel Mabel Norman Odette "
        "Philip Rachel Stuart Trudy Vivian Wesley Yvonne Bridget Cedric Douglas".split()
    ),
    surnames=tuple("Appleton Barlow Crawford Donnelly Everett Fairfax Goodwin Hartley Ingram".split()),
    streets=tuple("Juniper Quarry Vine Monument Lantern Pebble Saddler".split()),
    cities=tuple("Toronto Helsinki Porto Leeds Nairobi Lima Krakow".split()),
    venues=tuple("Brass Lantern|Paper Moon|Fig Tree|Grand Pier|Winter Garden|Salt House".split("|")),
    qualities=tuple("yellow purple pink faded bulky stylish".split()),
    times=_times(4),
    prices=_prices(7),
)
BY_SPLIT = {"train": TRAIN, "validation": VALIDATION, "test": TEST}

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Share of names, places and things into which training puts made-up words.
INVENTED = 0.35
NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight")

_ONSETS = "b br c ch d dr f fl g gr h j k kl l m n p pl pr r s sh st t th tr v w z".split()
_VOWELS = "a e i o u ai ea ie oo ou".split()
_CODAS = ["", "", "n", "r", "l", "s", "t", "m", "nd", "rt", "ck", "x", "ff"]


def invented_word(rng: random.Random) -> str:
    """A made-up capitalised word of one or two syllables.

    Training mixes these in so that the model learns to copy a name it has never met, letter group by letter group.
    """
    syllables = [rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(rng.randint(1, 2))]
    return "".join(syllables).capitalize()
