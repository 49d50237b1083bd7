"""Records kept in YAML files, read into frozen dataclasses; the dataclass is the schema.

A fault is one sentence: the file, the record, what was expected.
"""

from dataclasses import MISSING, fields
from pathlib import Path
from typing import TypeVar

import yaml

T = TypeVar("T")
# How a sentence names the types that records hold.
NAMES = {str: "text (in quotes where YAML reads it otherwise)", bool: "true or false", int: "a whole number"}
NAMES |= {list: "a list", dict: "a mapping"}


class RecordError(ValueError):
    """What is wrong with a file of records, in one sentence."""


def make(kind: type[T], record: object, where: str) -> T:
    """A `kind` from one mapping. Its fields are the allowed keys; those without a default are required.

    Raises RecordError for a key that is missing, unknown, empty or of another type.
    """
    if not isinstance(record, dict):
        raise RecordError(f"{where}: a mapping is expected, not {record!r}.")
    known = {field.name: field for field in fields(kind)}
    if unknown := [str(key) for key in record if key not in known]:
        raise RecordError(f"{where}: unknown key {', '.join(unknown)}; the keys are {', '.join(known)}.")
    for name, field in known.items():
        if name not in record and field.default is MISSING:
            raise RecordError(f"{where}: the key {name} is missing.")
        value = record.get(name, field.default)
        if type(value) is not field.type:
            raise RecordError(f"{where}: {name} must be {NAMES[field.type]}, not {value!r}.")
        if (value.strip() if isinstance(value, str) else value) in ("", [], {}):
            raise RecordError(f"{where}: {name} is empty.")
    return kind(**record)


def read(path: Path, kind: type[T]) -> list[T]:
    """The records of a YAML file, in order. Raises RecordError."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordError(f"{path.name}: there is no such file in {path.parent.name}/.") from None
    except yaml.YAMLError as problem:
        raise RecordError(f"{path.name}: it is not YAML: {' '.join(str(problem).split())}.") from None
    if not isinstance(found, list):
        raise RecordError(f"{path.name}: a list is expected.")
    return [make(kind, record, f"{path.name}, {name_of(record, number)}") for number, record in enumerate(found, 1)]


def name_of(record: object, number: int) -> str:
    """What a sentence calls a record: its id, or its place in the file."""
    return str(record["id"]) if isinstance(record, dict) and record.get("id") else f"record {number}"


def require_unique(path: Path, ids: list[str]) -> None:
    """Raises RecordError naming the first id that comes twice."""
    twice = [name for name in ids if ids.count(name) > 1]
    if twice:
        raise RecordError(f"{path.name}: the id {twice[0]} comes twice.")
