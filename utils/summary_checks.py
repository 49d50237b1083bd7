"""What a summary gets right, checked by program: facts, the house style that was shown, words out of nowhere.

ROUGE counts words and forgives a wrong name. These checks know what happened (`Facts`, of generated dialogues) or what
a right summary must hold (`keys`, of natural ones).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from utils.data import Dialogue, Facts, Speaker
from utils.data.conventions import Convention

ANSWERS = {"yes": ("Yes", "Outcome: settled"), "no": ("No", "Outcome: not possible")}
CLAUSES = {"yes": r", and .+ agree[sd]", "no": r", but .+ refuse[sd]"}
# Words as readers see them: letters with what may stand inside a word. Digits are copied one by one and checked apart.
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
FULL_DAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
SHORT_DAY = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b")
SPOKEN_CLOCK = re.compile(
    r"\b(?:o'clock|(?:past|to) (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))\b"
)
PRICE = re.compile(r"[$€£]\d|\b(?:dollars|euros|pounds|francs|crowns)\b")
# Past forms without -ed that follow a speaker in summaries.
IRREGULAR = frozenset(
    {
        "was", "were", "had", "did", "could", "would", "told", "said", "made", "found", "left", "went", "gave", "took",
        "got", "thought", "kept", "let", "brought", "sold", "bought", "lost", "sent", "put", "came", "saw", "knew",
        "felt", "forgot", "chose", "met", "paid", "ran", "spoke", "understood", "wrote", "broke", "heard", "held",
        "meant", "might", "read", "rang", "spent", "swore", "withdrew", "won", "wore", "lent", "led", "began", "became",
        "drove",
    }
)  # fmt: skip
TAG = re.compile(r"#Person\d#")


@dataclass(frozen=True)
class Right:
    """Which parts of a summary are right; None where the dialogue has no such part."""

    names: bool
    deed: bool
    time: bool | None
    price: bool | None
    outcome: bool


def called(one: Speaker, c: Convention) -> str:
    """How a convention calls somebody; by the tag where neither name nor role is known."""
    return getattr(one, c.names) or one.tag


def right(summary: str, f: Facts, c: Convention) -> Right:
    """Compare a summary with what happened, told in convention `c`.

    >>> f = Facts(Speaker("#Person1#", "Anna", "the guest"), Speaker("#Person2#", "Ben", "the waiter"),
    ...           "bring the stew", ("on Friday", "on Fri"), "$12", "no", "a burst pipe")
    >>> c = Convention("name", "none", "past", "clause", "last", "short", "told")
    >>> right("Anna asked Ben to bring the soup on Fri for $12. Outcome: not possible because of a burst pipe.", f, c)
    Right(names=True, deed=False, time=True, price=True, outcome=True)
    """
    asker, helper = called(f.asker, c), called(f.helper, c)
    asks = "asks" if c.tense == "present" else "asked"
    said = f"{asker} {asks} {helper} to "
    when = f.when[("spoken", "short").index(c.time)]
    return Right(
        names=said.lower() in summary.lower(),
        deed=bool(re.search(rf"\b{re.escape(f.deed)}\b", summary)),
        time=_holds(summary, when) if when else None,
        price=_price(summary, f, c) if f.price else None,
        outcome=_outcome(summary, f, c),
    )


def _price(summary: str, f: Facts, c: Convention) -> bool:
    """Whether the price is told, or whether none is, not even a wrong one, where the convention leaves it out."""
    return _holds(summary, f"for {f.price}") if c.price == "told" else not PRICE.search(summary)


def _holds(summary: str, part: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(part)}(?![\w:])", summary))


def _outcome(summary: str, f: Facts, c: Convention) -> bool:
    """Whether the answer, and the reason of a refusal, stand in the convention's form."""
    first, last = ANSWERS[f.outcome]
    form = c.agreement if f.outcome == "yes" else c.refusal
    body = re.sub(r"^\[[^\]]*\] ", "", summary)
    told = {
        "first": body.startswith(f"{first}:") or body.startswith(f"{first} because"),
        "last": last in body,
        "clause": bool(re.search(CLAUSES[f.outcome], body)),
    }
    return told[form] and sum(told.values()) == 1 and (not f.reason or f"because of {f.reason}" in body)


def unknown_words(summary: str, prompt: str, known: Iterable[str]) -> list[str]:
    """Words of a summary that stand neither in its prompt nor among the known ones, in lower case.

    >>> unknown_words("Anna asks him toorten the robe.", "Anna: Shorten the robe!", {"asks", "him"})
    ['toorten']
    """
    read = set(WORD.findall(prompt.lower())) | set(known)
    return [word for word in WORD.findall(summary.lower()) if word not in read]


def words_of(rows: Iterable[Dialogue]) -> frozenset[str]:
    """All words of dialogues and summaries, in lower case."""
    return frozenset(word for row in rows for word in WORD.findall(f"{row.dialogue} {row.summary}".lower()))


def holds_keys(summary: str, groups: Sequence[Sequence[str]]) -> bool:
    """Whether a summary holds a word, or part of one, from every group.

    >>> holds_keys("He refuses to return the cello.", [["refus", "declin"], ["cello"]])
    True
    """
    return all(any(key.lower() in summary.lower() for key in group) for group in groups)


def same_speakers(summary: str, row: Dialogue) -> bool:
    """Whether a summary names the speakers whom the reference names, by tag, name or role, and no other tag."""
    tags = {one.tag for one in row.speakers}
    return speakers_in(summary, row) == speakers_in(row.summary, row) and set(TAG.findall(summary)) <= tags


def speakers_in(summary: str, row: Dialogue) -> set[str]:
    """The tags of the speakers whom a summary names, by tag, name or role."""
    return {
        one.tag
        for one in row.speakers
        if any(called and _holds(summary.lower(), called.lower()) for called in (one.tag, one.name, one.role))
    }


def kept(summary: str, row: Dialogue, c: Convention) -> dict[str, bool]:
    """For each choice that the row's summary touches, whether this summary keeps to the convention.

    The tense is the one that `tense_of` finds. Of the outcome, only its place counts.
    """
    body = re.sub(r"^\[[^\]]*\] | Topic: [^.]*\.$", "", summary)
    place = {
        "first": bool(re.match(r"(Yes|No)\b", body)),
        "last": "Outcome: " in body,
        "clause": not re.match(r"(Yes|No)\b", body) and "Outcome: " not in body,
    }
    found = {
        "names": _names_kept(body, row, c),
        "label": (summary.startswith("["), bool(re.search(r" Topic: [^.]+\.$", summary)))
        == (c.label == "before", c.label == "after"),
        "tense": tense_of(body, row) == c.tense,
        "agreement": place[c.agreement],
        "refusal": place[c.refusal],
        "time": not (FULL_DAY.search(body) or SPOKEN_CLOCK.search(body))
        if c.time == "short"
        else not SHORT_DAY.search(body),
        "price": bool(PRICE.search(body)) == (c.price == "told"),
    }
    return {choice: found[choice] for choice in row.shows}


def tense_of(summary: str, row: Dialogue) -> str:
    """Present or past, by the words that follow the speakers' tags, names and roles; empty where they do not tell.

    >>> tense_of("Anna asked him in and Anna was glad.", Dialogue("", "", "", "", speakers=(Speaker("", "Anna", ""),)))
    'past'
    """
    called = "|".join(re.escape(name) for one in row.speakers for name in (one.tag, one.name, one.role) if name)
    verbs = re.findall(rf"(?<!\w)(?:{called}) ([a-z]+)", summary, re.IGNORECASE) if called else []
    past = sum(verb.endswith("ed") or verb in IRREGULAR for verb in verbs)
    present = sum(verb.endswith("s") and verb not in IRREGULAR for verb in verbs)
    return "past" if past > present else "present" if present > past else ""


def _names_kept(body: str, row: Dialogue, c: Convention) -> bool:
    """Whether nobody is called by a tag whose name, or role, the convention asks for and the dialogue gives."""
    tags = set(TAG.findall(body))
    if c.names == "tag":
        return bool(tags)
    due = {one.tag for one in row.speakers if (one.name if c.names == "name" else one.role)}
    return not tags & due
