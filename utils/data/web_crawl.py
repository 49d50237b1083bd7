"""A messy crawl, generated: pages as a crawler brings them home, each with what is wrong with it.

No page was fetched. The sentences come from a small grammar, and SHARES says how many pages of each kind there are, so
the share of good pages is a choice of this recipe and no measurement of the web. `kind` is for checking a filter; a
filter that reads it cheats.
"""

import random
import re
from dataclasses import dataclass

from utils.errors import CourseError

SHARES = {  # of all pages; what is left over is "good"
    "foreign": 0.41,
    "stub": 0.17,
    "spam": 0.12,
    "menu": 0.10,
    "copy": 0.07,
    "shuffled": 0.06,
    "toxic": 0.02,
    "quoting": 0.005,
}
KINDS = (*SHARES, "good")
FUNCTION_WORDS = frozenset(
    "the of and to a in is that for it was on with as be at this have or not but which who an if".split()
)
WORD = re.compile(r"[^\W\d_]+")
TOXIC_WORDS = ("blockhead", "dimwit", "numbskull", "halfwit", "nitwit")

SUBJECTS = (
    "baker gardener teacher doctor sailor farmer painter librarian neighbour driver carpenter student tailor guide "
    "nurse pilot singer engineer fisherman clerk"
).split()
THINGS = (
    "bread garden lesson letter boat field picture book fence road table map coat lantern ladder engine bridge river "
    "kettle window basket clock harbour orchard market mountain village bicycle piano telescope"
).split()
DEEDS = (
    "repairs carries paints sells borrows finds cleans measures draws keeps opens watches loses counts moves wraps "
    "describes builds covers hides"
).split()
QUALITIES = "old small heavy quiet wooden broken bright narrow cheap famous empty early useful gentle green".split()
TIMES = "every morning|in the evening|after the rain|before lunch|on Sunday|in spring|at night|during the week".split(
    "|"
)
REASONS = (
    "because the {thing} is {quality}|so that the {subject} can rest|although it was {quality} last year|"
    "which is why the {subject} likes it|and nobody asks for the {thing}|while the {subject} waits for the {thing}"
).split("|")
PATTERNS = (
    "The {quality} {subject} {deed} the {thing} {time}.",
    "There is a {quality} {thing} in the {thing2}, and the {subject} {deed} it {reason}.",
    "A {subject} {deed} the {thing} of the {subject2} {reason}.",
    "It was the {subject} who said that the {thing} was {quality}, {reason}.",
    "If the {thing} is {quality}, the {subject} {deed} another {thing2} {time}.",
    "Most of the people in the {thing2} know that a {quality} {thing} is not for the {subject}.",
)
FOREIGN = {
    "de": "der die und das ist nicht ein eine mit auf für von dem den auch sich wie bei nach wir Garten Brot Haus Buch",
    "fr": "le la les et est une pas dans pour que qui sur avec au des nous vous mais plus jardin pain maison livre rue",
    "es": "el la los y es una no en para que por con del se las como más pero sus hay jardín pan casa libro calle",
    "la": "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore magna",
}
MENU = (
    "Home|About us|Contact|Log in|Sign up|Cart (0)|Terms of use|Privacy policy|Next page »|« Back|Share|Print|"
    "Accept all cookies|Subscribe to our newsletter|All rights reserved © 2019|Search"
).split("|")
STUBS = ("Page not found.", "Loading…", "This domain is for sale.", "Please enable JavaScript.", "Log in to read on.")
SPAM = "buy cheap best price free shipping discount casino bonus pills watches replica deal click here now".split()


@dataclass(frozen=True)
class Page:
    """A page as text, and its kind: one of KINDS."""

    url: str
    text: str
    kind: str


def pages(count: int = 20_000, seed: int = 0) -> list[Page]:
    """A crawl of `count` pages; the same arguments give the same pages.

    count: ≥ 1. A "copy" repeats an earlier good page but for a few words, and stands anywhere after it.
    Returns the pages in the order of the crawl. Raises CourseError when count is not a positive integer.
    """
    if not isinstance(count, int) or count < 1:
        raise CourseError(f"A crawl needs a positive number of pages, but {count!r} came: ask for 1 or more.")
    rng = random.Random(f"crawl {seed}")
    kinds = rng.choices(KINDS, [*SHARES.values(), 1 - sum(SHARES.values())], k=count)
    originals: list[str] = []
    found = []
    for number, kind in enumerate(kinds):
        kind = "good" if kind == "copy" and not originals else kind  # nothing stands there yet to be copied
        url = f"https://site{rng.randrange(count // 20 + 1)}.example/{number}"
        found.append(Page(url, _text(rng, kind, originals), kind))
    return found


def trusted_texts(count: int = 200, seed: int = 1) -> list[str]:
    """Texts an editor would have picked by hand: good articles of another draw than the crawl's, without menus."""
    rng = random.Random(f"trusted {seed}")
    return [" ".join(_article(rng)) for _ in range(count)]


def words(text: str) -> list[str]:
    """Lower-cased runs of letters.

    >>> words("Cart (0), the Cat.")
    ['cart', 'the', 'cat']
    """
    return WORD.findall(text.lower())


def sentence_lines(text: str) -> str:
    """The lines that end in a full stop and have five words or more; menus, buttons and notices fall away.

    Source: the line filter of C4, Raffel et al. 2020, section 2.2, here with the full stop alone.
    """
    return "\n".join(line for line in text.splitlines() if line.endswith(".") and len(line.split()) >= 5)


def _text(rng: random.Random, kind: str, originals: list[str]) -> str:
    if kind == "stub":
        return rng.choice(STUBS)
    if kind == "foreign":
        pool = FOREIGN[rng.choice(tuple(FOREIGN))].split()
        return "\n".join(" ".join(rng.choices(pool, k=14)).capitalize() + "." for _ in range(rng.randint(4, 12)))
    if kind == "spam":
        return "\n".join(" ".join(rng.choices(SPAM, k=16)).capitalize() + "." for _ in range(rng.randint(3, 8)))
    if kind == "menu":
        return "\n".join(rng.choices(MENU, k=rng.randint(20, 50)))
    if kind == "copy":
        return _near_duplicate(rng, rng.choice(originals))
    lines = _article(rng)
    if kind == "good":
        originals.append("\n".join(lines))
    if kind == "shuffled":
        lines = _shuffled(rng, lines, rng.uniform(0.2, 1.0))
    if kind == "toxic":
        lines = [line.replace("The ", f"The {rng.choice(TOXIC_WORDS)} of a ", 1) for line in lines]
        lines.append(f"What a {rng.choice(TOXIC_WORDS)} the {rng.choice(SUBJECTS)} is.")
    if kind == "quoting":
        lines.append(f"The old word {rng.choice(TOXIC_WORDS)} is explained in the book of the librarian.")
    return "\n".join([*rng.choices(MENU, k=3), *lines, *rng.choices(MENU, k=2)])


def _article(rng: random.Random) -> list[str]:
    return [_sentence(rng) for _ in range(rng.randint(6, 14))]


def _sentence(rng: random.Random) -> str:
    draw = rng.choice
    blanks = {"subject": draw(SUBJECTS), "thing": draw(THINGS), "quality": draw(QUALITIES), "deed": draw(DEEDS)}
    blanks |= {"subject2": draw(SUBJECTS), "thing2": draw(THINGS), "time": draw(TIMES)}
    return draw(PATTERNS).format(**blanks, reason=draw(REASONS).format(**blanks))


def _shuffled(rng: random.Random, lines: list[str], share: float) -> list[str]:
    """The lines with the words of a share of them in random order, as bad machine text has them."""
    split = [line.removesuffix(".").split() for line in lines]
    for line in rng.sample(split, max(1, round(share * len(split)))):
        rng.shuffle(line)
    return [" ".join(line) + "." for line in split]


def _near_duplicate(rng: random.Random, text: str) -> str:
    """The text with two words replaced and menu lines of another site around it."""
    split = text.split(" ")
    for _ in range(2):
        split[rng.randrange(len(split))] = rng.choice(QUALITIES)
    return "\n".join([*rng.choices(MENU, k=3), " ".join(split), *rng.choices(MENU, k=2)])
