"""Named data sets in one schema: bundled, in a folder, or from the hub; a bad row is reported by file and line.

Folders and hub repositories hold one or more files per split, `*.jsonl` or `*.csv`, with the split in the file's name.
"""

import codecs
import contextlib
import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from utils import bundled, hub
from utils.errors import CourseError

SPLITS = ("train", "validation", "test")
SPLIT_WORDS = {"train": {"train"}, "validation": {"validation", "val", "dev"}, "test": {"test"}}  # in a file's name
SENTIMENTS = ("positive", "negative")
SHOWN = 10
# A spreadsheet saves semicolons where the comma is the decimal mark; a copied table has tabs.
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True)
class Speaker:
    """Somebody in a dialogue. name: empty where nobody says it. role: with its article, empty where there is none."""

    tag: str
    name: str
    role: str


@dataclass(frozen=True)
class Facts:
    """What happened in a generated dialogue, from the generator's record.

    when: as it is said, and short ("on Friday", "on Fri"). outcome: "yes" or "no". reason: of a no. Empty: not told.
    """

    asker: Speaker
    helper: Speaker
    deed: str
    when: tuple[str, str]
    price: str
    outcome: str
    reason: str


@dataclass(frozen=True)
class Dialogue:
    """A dialogue of `#Person1#:` turns and its summaries; `references` has `summary` first.

    The rest is known for bundled rows only. convention: the house style that the summary follows. shows: the choices of
    a convention that it shows. speakers: in the order of their tags. outcome: yes, no, open or none. keys: groups of
    words, of which a right summary holds one each, the outcome's first. facts: of generated dialogues.
    """

    id: str
    dialogue: str
    summary: str
    topic: str
    convention: str = ""
    references: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    outcome: str = ""
    keys: tuple[tuple[str, ...], ...] = ()
    facts: Facts | None = None


@dataclass(frozen=True)
class Review:
    """A short review; `sentiment` is "positive" or "negative"."""

    id: str
    text: str
    sentiment: str


class _BadRow(ValueError):
    """Why a row cannot be used."""


def dialogues(name: str = "course", split: str = "test", styled: bool = False) -> list[Dialogue]:
    """The dialogues of a split, in file order; rows that share a dialogue become one with several references.

    name: "course", "natural" or "handwritten" (bundled; the last has a test split only), a folder, or a hub id such as
    "knkarthick/dialogsum". split: train, validation or test. styled: with the second summary of "natural", whose
    conventions take turns.
    Raises CourseError when the name or split leads nowhere, or a row is bad: all bad rows are counted, the first ten
    listed as file:line.
    """
    _require_split(split)
    merged: dict[tuple[str, str], Dialogue] = {}
    for row in _rows(hub.folder(name, "dataset"), split, _styled if styled else _dialogue):
        first = merged.setdefault((row.dialogue, row.convention), row)
        if first is not row:
            references = tuple(dict.fromkeys(first.references + row.references))
            merged[row.dialogue, row.convention] = replace(first, references=references)
    return list(merged.values())


def reviews(split: str = "test") -> list[Review]:
    """The bundled reviews of a split. split: train, validation or test. Raises CourseError as `dialogues` does."""
    _require_split(split)
    return _rows(bundled.path("reviews"), split, _review)


def _require_split(split: str) -> None:
    if split not in SPLITS:
        raise CourseError(f"The split must be one of {', '.join(SPLITS)}, but {split!r} came: choose one of them.")


def _rows(folder: Path, split: str, convert) -> list:
    """Every row of a split through `convert`, or one error that lists all bad rows."""
    rows, problems = [], []
    for path in _files(folder, split):
        for line, row in _read(path):
            try:
                if isinstance(row, _BadRow):
                    raise row
                rows.append(convert(row))
            except _BadRow as error:
                problems.append(f"{path.name}:{line} {error}")
    if rows and not problems:
        return rows
    listed = ", ".join(problems[:SHOWN]) + (f", and {len(problems) - SHOWN} more" if len(problems) > SHOWN else "")
    came = f"{len(problems)} of its rows are bad ({listed})" if problems else f"it has no row for {split}"
    raise CourseError(
        f"{folder} should hold whole rows only, but {came}: correct or remove what is wrong, "
        f"or set {hub.INSTEAD['dataset']}, which works offline."
    )


def _files(folder: Path, split: str) -> list[Path]:
    """The files of a split; "dialogsum.dev.jsonl" and "val.csv" are both validation."""
    found = sorted(path for path in folder.glob("*") if path.suffix in (".jsonl", ".csv"))
    files = [path for path in found if SPLIT_WORDS[split] & set(re.split(r"[^a-z]+", path.stem.lower()))]
    if not files:
        names = ", ".join(path.name for path in found) or "none"
        raise CourseError(
            f'{folder} should hold a .jsonl or .csv file with "{split}" in its name, but those there are: {names}: '
            f"add one, choose another split, or set {hub.INSTEAD['dataset']}, which works offline."
        )
    return files


def _read(path: Path) -> Iterator[tuple[int, dict | _BadRow]]:
    """(line, row) for each row of a file, or (line, _BadRow) for what is no row; blank lines are no rows."""
    lines = dict(enumerate(path.read_bytes().removeprefix(codecs.BOM_UTF8).split(b"\n"), 1))
    garbled = {number for number, line in lines.items() if line.decode("utf-8", "ignore").encode() != line}
    yield from ((number, _BadRow("is not UTF-8 text")) for number in sorted(garbled))
    if path.suffix == ".jsonl":
        yield from ((n, _json_row(line)) for n, line in lines.items() if line.strip() and n not in garbled)
    elif not garbled:
        yield from _csv_rows(path)


def _json_row(line: bytes) -> dict | _BadRow:
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return _BadRow("is not JSON")
    return row if isinstance(row, dict) else _BadRow("is not a JSON object")


def _csv_rows(path: Path) -> Iterator[tuple[int, dict | _BadRow]]:
    """Rows of a CSV file, every field as text, with the line each starts at.

    Not by csv.DictReader: it skips blank lines unseen, and the line at which the next row starts would not be known.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader, start = csv.reader(stream, strict=True), 1
        try:
            columns = next(reader, [])
            if separator := _other_separator(columns):
                yield start, _BadRow(f"separates its columns by {separator}, not by commas")
                return
            start = reader.line_num + 1
            for fields in reader:
                if fields and len(fields) != len(columns):
                    yield start, _BadRow(f"has {len(fields)} fields under {len(columns)} columns")
                elif fields:
                    # An index without a name, as pandas writes it, becomes the field "", which nobody reads.
                    yield start, dict(zip(columns, fields, strict=True))
                start = reader.line_num + 1
        except csv.Error as error:
            yield start, _BadRow(f"is not CSV ({error})")


def _other_separator(columns: list[str]) -> str:
    """What separates the columns of a header that has no comma; empty where it is a single column."""
    return next((name for mark, name in OTHER_SEPARATORS.items() if len(columns) == 1 and mark in columns[0]), "")


def _dialogue(row: dict) -> Dialogue:
    """DialogSum's schema: summary and topic, or summary1, summary2, … and topic1; `fname` may stand for `id`."""
    numbered = sorted(key for key in row if re.fullmatch(r"summary\d+", key))
    references = tuple(dict.fromkeys(_text(row, key) for key in numbered or ["summary"]))
    return Dialogue(
        id=_text(row, "id" if "id" in row else "fname"),
        dialogue=_text(row, "dialogue"),
        summary=references[0],
        topic=_text(row, "topic1" if numbered else "topic"),
        convention=_text(row, "convention") if row.get("convention") else "",
        references=references,
        **_known(row),
    )


def _styled(row: dict) -> Dialogue:
    """The row with its second summary."""
    return _dialogue({**row, "summary": _text(row, "styled_summary"), "convention": _text(row, "styled_convention")})


def _known(row: dict) -> dict[str, object]:
    """What bundled rows know beside DialogSum's fields; a column of another data set that only has the name is none."""
    found = {}
    for name, convert in KNOWN.items():
        with contextlib.suppress(KeyError, TypeError, AttributeError):
            found[name] = convert(row[name])
    return found


def _speakers(listed: list[dict]) -> tuple[Speaker, ...]:
    return tuple(Speaker(**one) for one in listed)


def _facts(told: dict) -> Facts:
    asker, helper = _speakers([told["asker"], told["helper"]])
    return Facts(**{**told, "asker": asker, "helper": helper, "when": tuple(told["when"])})


def _strings(listed: list[str]) -> tuple[str, ...]:
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise TypeError
    return tuple(listed)


KNOWN = {
    "shows": _strings,
    "speakers": _speakers,
    "outcome": lambda text: text.strip(),
    "keys": lambda groups: tuple(map(_strings, groups)),
    "facts": _facts,
}


def _review(row: dict) -> Review:
    if (sentiment := _text(row, "sentiment")) not in SENTIMENTS:
        raise _BadRow(f"has the sentiment {sentiment!r}, not {' or '.join(SENTIMENTS)}")
    return Review(_text(row, "id"), _text(row, "text"), sentiment)


def _text(row: dict, key: str) -> str:
    """A field that must be there, be text, not be blank, and be encodable (no half of a surrogate pair)."""
    value = row.get(key)
    if value is None:
        raise _BadRow(f"has no {key}")
    if not isinstance(value, str):
        raise _BadRow(f"has a {key} that is not text")
    if not value.strip():
        raise _BadRow(f"has an empty {key}")
    if not value.isascii() and re.search("[\ud800-\udfff]", value):
        raise _BadRow(f"has a {key} with a broken character")
    return value
