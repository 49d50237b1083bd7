"""Words for training beyond the lists of `runs.dialogues`: names of many languages, WordNet's nouns and verbs.

Names come from Faker, nouns and verbs from Debian's package wordnet-base (WordNet 3.0, Princeton University, which may
be used and passed on for any purpose). Neither stands in a file of this course. Words of the held-out splits are left
out, so that what a test names is new.
"""

import random
import re
from functools import cache
from pathlib import Path

from faker import Faker

from runs.dialogues.fillers import BY_SPLIT
from runs.dialogues.topics import TOPICS
from utils.errors import CourseError

WORDNET = Path("/usr/share/wordnet")
LOCALES = (
    "cs_CZ da_DK de_DE en_AU en_GB en_IN en_KE en_NG en_NZ en_US es_CO es_ES es_MX et_EE fi_FI fr_FR ga_IE hr_HR hu_HU "
    "id_ID it_IT lt_LT lv_LV nl_NL no_NO pl_PL pt_BR pt_PT ro_RO sk_SK sl_SI sv_SE tr_TR tw_GH yo_NG zu_ZA"
).split()
DRAWN = 400  # draws a locale; most hold fewer names
NAME = re.compile(r"[A-ZÀ-Þ][a-zà-ÿ]{1,11}")
CITY = re.compile(r"[A-ZÀ-Þ][a-zà-ÿ]{2,13}(?: [A-ZÀ-Þ][a-zà-ÿ]{2,11})?")
WORD = re.compile(r"[a-z]{3,13}")
# Lexicographer files of WordNet: what can be held, bought or met, and what can be done to it.
THINGS = ("05", "06", "13", "20")  # animal, artifact, food, plant
DEEDS = ("30", "35", "36", "38", "40")  # change, contact, creation, motion, possession
STREETS = "Street Road Lane Avenue Close Hill Square Drive Row Gardens Terrace Crescent Way Walk Place Court".split()


@cache
def held_out() -> frozenset[str]:
    """Lower-case words that only validation and test may use."""
    texts = [
        filler
        for split in ("validation", "test")
        for pool in vars(BY_SPLIT[split]).values()
        for filler in pool
        if isinstance(filler, str)
    ]
    for topic in TOPICS:
        texts += [*topic.items[1], *topic.items[2]]
        if not topic.seen:
            texts += [topic.name, topic.asker, topic.helper, *(refusal.named for refusal in topic.refusals)]
            texts += [request.deed for request in topic.requests]
    known = {word for topic in TOPICS if topic.seen for item in topic.items[0] for word in item.lower().split()}
    return frozenset({word for text in texts for word in re.findall(r"[^\W\d_]{3,}", text.lower())} - known)


@cache
def _faked(what: str, pattern: re.Pattern) -> tuple[str, ...]:
    """Everything that Faker's locales give for a method, fit to stand in an English text."""
    found = set()
    for locale in LOCALES:
        fake = Faker(locale)
        fake.seed_instance(0)
        found |= {getattr(fake, what)() for _ in range(DRAWN)}
    return tuple(sorted(word for word in found if pattern.fullmatch(word) and word.lower() not in held_out()))


def first_names(gender: str) -> tuple[str, ...]:
    """First names; gender is f or m."""
    return _faked({"f": "first_name_female", "m": "first_name_male"}[gender], NAME)


def surnames() -> tuple[str, ...]:
    """Family names."""
    return _faked("last_name", NAME)


def cities() -> tuple[str, ...]:
    """Towns, of which some exist."""
    return _faked("city", CITY)


def street(rng: random.Random) -> str:
    """A street called after a family or a town, or made up of a thing."""
    first = rng.choice((surnames(), cities(), tuple(noun.capitalize() for noun in things())))
    return f"{rng.choice(first)} {rng.choice(STREETS)}"


@cache
def _wordnet(part: str, files: tuple[str, ...]) -> tuple[str, ...]:
    """Single words of some lexicographer files of a part of speech, each in its first spelling."""
    path = WORDNET / f"data.{part}"
    if not path.is_file():
        raise CourseError(
            f"WordNet's words should lie in {path}, but they do not: install the Debian package wordnet-base."
        )
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(" "))
    found = {line[4] for line in lines if line[1] in files}
    return tuple(sorted(word for word in found if WORD.fullmatch(word) and word not in held_out()))


def things() -> tuple[str, ...]:
    """Names of animals, plants, food and things that people make."""
    return _wordnet("noun", THINGS)


def deeds() -> tuple[str, ...]:
    """Verbs of doing something to a thing."""
    return _wordnet("verb", DEEDS)
