"""Natural dialogues as they are written: a text format with slots, its reader, and what a record must keep to.

A record is a header, a line `-`, the turns, a line `=`, and the summary: one line for the event, and a second one, the
ending, where something was asked for. The notation, in `written/README.md` with an example:

- `{A}` a speaker's first name, `{thing}` a slot that the header declares;
- `*asks` a verb of the summary that another tense changes;
- `[at {time1}]` a phrase of the summary that can be dropped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from runs.natural import tense
from utils.errors import CourseError

WRITTEN = Path(__file__).parent / "written"
OUTCOMES = ("yes", "no", "open", "none")
KINDS = ("day", "time", "price", "number", "city", "street", "surname", "f", "m")
# Slots that a convention of summaries writes in its own way or leaves out.
DROPPABLE = ("day", "time", "price")
TURNS, SPOKEN_WORDS, SUMMARY_WORDS = range(4, 17), range(25, 241), range(7, 71)
SLOT = re.compile(r"\{(\w+)\}")
STARRED = re.compile(r"\*([A-Za-z']+)")
DROPPED = re.compile(r"\[([^\[\]]*)\]")


class Fault(ValueError):
    """What a record breaks."""


@dataclass(frozen=True)
class Speaker:
    """One who speaks. letter: A, B or C. role: a noun that fits after "the", or empty."""

    letter: str
    name: str
    gender: str
    role: str


@dataclass(frozen=True)
class Slot:
    """A word that changes from one telling to the next.

    kind: one of KINDS, or "choice". choices: of a choice, the first is the default. span: of a price or a number.
    """

    kind: str
    choices: tuple[str, ...] = ()
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Record:
    """One situation as it was written.

    outcome: one of OUTCOMES. turns: (letter, text). ending: a clause that closes the event's sentence, or empty.
    outcome_key, fact_keys: groups of alternatives of which each must have one in a right summary; test only.
    """

    name: str
    topic: str
    speakers: tuple[Speaker, ...]
    slots: dict[str, Slot]
    outcome: str
    turns: tuple[tuple[str, str], ...]
    event: str
    ending: str
    outcome_key: tuple[str, ...] = ()
    fact_keys: tuple[tuple[str, ...], ...] = ()

    @property
    def summary(self) -> str:
        """Event and ending in one line, still with its notation."""
        return f"{self.event}, {self.ending}" if self.ending else self.event


def read(path: Path) -> tuple[list[Record], list[str]]:
    """The records of one file that are whole, and a sentence for each fault of the others."""
    records, faults = [], []
    for number, block in enumerate(_blocks(path.read_text(encoding="utf-8")), 1):
        name = f"{path.stem}_{number:02}"
        try:
            record = parse(name, block)
            found = list(check(record))
        except Fault as fault:
            record, found = None, [str(fault)]
        faults += [f"{name} ({block.splitlines()[0]}): {fault}" for fault in found]
        if record and not found:
            records.append(record)
    return records, faults


@cache
def read_split(split: str, folder: Path = WRITTEN) -> tuple[Record, ...]:
    """The records of a split, in a fixed order. The test's stand in files of their own, heldout_NN.txt; of every other
    file the last record is for validation.

    Raises CourseError for a record that breaks the format.
    """
    chosen, faults = [], []
    for path in sorted(folder.glob("*.txt")):
        found, broken = read(path)
        faults += broken
        if path.stem.startswith("heldout"):
            chosen += found if split == "test" else []
        else:
            chosen += {"train": found[:-1], "validation": found[-1:], "test": []}[split]
    if faults or not chosen:
        came = "; ".join(faults[:5]) or "none is there"
        raise CourseError(f"{folder} should hold whole records, but {came}: mend them, see {folder / 'README.md'}.")
    return tuple(chosen)


def _blocks(text: str) -> list[str]:
    return [block.strip() for block in re.split(r"(?m)^(?=== )", text) if block.strip()]


def parse(name: str, block: str) -> Record:
    """One record from its text. Raises Fault."""
    parts = re.split(r"(?m)^[-=]\s*$\n?", block)
    if len(parts) != 3:
        raise Fault(f"three parts should be parted by one line - and one line =, but {len(parts)} came")
    title, *header = parts[0].strip().splitlines()
    speakers, slots, keys, outcome = [], {}, {}, ""
    for line in filter(None, map(str.strip, header)):
        field, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or not value:
            raise Fault(f"a header line should be name: value, but {line!r} came")
        if field in "ABC":
            speakers.append(_speaker(field, value))
        elif field == "outcome":
            outcome = value
        elif field.startswith("key "):
            keys[field.removeprefix("key ")] = value
        else:
            slots[field] = _slot(field, value)
    summary = [line.strip() for line in parts[2].strip().splitlines() if line.strip()]
    if len(summary) not in (1, 2):
        raise Fault(f"the summary should have one line or two, but it has {len(summary)}")
    return Record(
        name=name,
        topic=title.removeprefix("==").strip(),
        speakers=tuple(speakers),
        slots=slots,
        outcome=outcome,
        turns=tuple(_turn(line) for line in parts[1].strip().splitlines() if line.strip()),
        event=summary[0],
        ending=summary[1] if len(summary) == 2 else "",
        outcome_key=_alternatives(keys.get("outcome", "")),
        fact_keys=tuple(_alternatives(group) for group in keys.get("facts", "").split(";") if group.strip()),
    )


def _alternatives(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def _speaker(letter: str, value: str) -> Speaker:
    person, _, role = (part.strip() for part in value.partition(","))
    name, _, gender = person.rpartition(" ")
    if gender not in ("f", "m") or not name:
        raise Fault(f"a speaker should be a name with f or m, but {value!r} came")
    return Speaker(letter, name, gender, role.removeprefix("the ").removeprefix("a "))


def _slot(name: str, value: str) -> Slot:
    kind, _, span = value.partition(" ")
    if kind in ("price", "number") and (found := re.fullmatch(r"(\d+) *- *(\d+)", span.strip())):
        low, high = map(int, found.groups())
        if low >= high:
            raise Fault(f"the slot {name} should go from less to more, but {value!r} came")
        return Slot(kind, span=(low, high))
    if value in KINDS and kind not in ("price", "number"):
        return Slot(value)
    choices = _alternatives(value)
    if len(choices) < 2 or len(set(choices)) < len(choices):
        raise Fault(f"the slot {name} should be one of {', '.join(KINDS)} or several choices, but {value!r} came")
    return Slot("choice", choices)


def _turn(line: str) -> tuple[str, str]:
    letter, colon, text = (part.strip() for part in line.partition(":"))
    if letter not in ("A", "B", "C") or not colon or not text:
        raise Fault(f"a turn should be A: text, but {line[:40]!r} came")
    return letter, text


def check(r: Record) -> Iterator[str]:
    """What is wrong with a record, a sentence each."""
    spoken, letters = " ".join(text for _, text in r.turns), {speaker.letter for speaker in r.speakers}
    if r.outcome not in OUTCOMES:
        yield f"the outcome should be one of {', '.join(OUTCOMES)}, but {r.outcome!r} came"
    if bool(r.ending) != (r.outcome != "none"):
        yield f"an ending should stand exactly where something is asked for, but the outcome is {r.outcome}"
    if {letter for letter, _ in r.turns} != letters:
        yield f"those who speak should be those declared, {', '.join(sorted(letters))}"
    if not 1 <= len(r.topic.split()) <= 5:
        yield f"the topic should be one to four words, but it is {r.topic!r}"
    yield from _check_sizes(r, spoken)
    yield from _check_slots(r, spoken, letters)
    yield from _check_summary(r)


def _check_sizes(r: Record, spoken: str) -> Iterator[str]:
    for what, count, span in (
        ("turns", len(r.turns), TURNS),
        ("spoken words", len(spoken.split()), SPOKEN_WORDS),
        ("words of the summary", len(r.summary.split()), SUMMARY_WORDS),
    ):
        if count not in span:
            yield f"there should be {span[0]} to {span[-1]} {what}, but there are {count}"
    if odd := sorted(set(re.findall(r"[^\w\s.,:;!?'\"()\[\]{}*/%&+#@$£€°-]", f"{spoken} {r.summary}"))):
        yield f"quotes and dashes should be plain, but {' '.join(odd)} came"


def _check_slots(r: Record, spoken: str, letters: set[str]) -> Iterator[str]:
    said, told = set(SLOT.findall(spoken)), set(SLOT.findall(r.summary))
    known = letters | set(r.slots)
    if strange := (said | told) - known:
        yield f"slots should be declared, but {', '.join(sorted(strange))} are not"
    if unsaid := told - said - letters:
        yield f"what the summary tells should be said, but {', '.join(sorted(unsaid))} are not"
    if idle := set(r.slots) - said:
        yield f"a declared slot should be said, but {', '.join(sorted(idle))} are not"
    if not told & letters:
        yield "the summary should name a speaker as {A} or {B}"
    text = SLOT.sub("", f"{spoken} {r.summary}")
    literal = [s.name for s in r.speakers if re.search(rf"\b{re.escape(s.name)}\b", text)]
    if literal:
        yield f"a speaker's name should be a slot, but {', '.join(literal)} stand in the text"


def _check_summary(r: Record) -> Iterator[str]:
    for what, line in (("event", r.event), ("ending", r.ending)):
        if line.endswith((".", "!", "?", ",", ";")):
            yield f"the {what} should have no mark at its end, but it ends with {line[-1]!r}"
        if re.sub(r"[^\[\]]", "", line).replace("[]", ""):
            yield f"the brackets of the {what} should come in pairs"
        if line and not STARRED.search(line):
            yield f"the {what} should have a verb with *"
    if r.ending and r.ending.split()[0] not in ("and", "but", "so"):
        yield f"the ending should begin with and, but or so, but it begins with {r.ending.split()[0]!r}"
    for phrase in DROPPED.findall(r.summary):
        kinds = [r.slots[name].kind for name in SLOT.findall(phrase) if name in r.slots]
        if len([kind for kind in kinds if kind in DROPPABLE]) != 1:
            yield f"[{phrase}] should hold one slot of a day, a time or a price"
    for verb in STARRED.findall(r.summary):
        if not tense.is_present(verb):
            yield f"*{verb} should be a verb in the present tense"
    leftovers = re.sub(r"\*[A-Za-z']+", "", r.summary)
    if "*" in leftovers:
        yield "a * should stand right before a verb"
