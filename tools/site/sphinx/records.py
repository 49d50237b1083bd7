"""Records kept in YAML files, read into pydantic models; the model is the schema.

A fault is one sentence: the file, the record, what was expected.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class RecordError(ValueError):
    """What is wrong with a file of records, in one sentence."""


class Record(BaseModel):
    """A record. Its fields are the allowed keys; a value of another type is refused, never converted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


R = TypeVar("R", bound=Record)


def read(path: Path, kind: type[R]) -> list[R]:
    """The records of a YAML file, in order. Raises RecordError."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordError(f"{path.name}: there is no such file in {path.parent.name}/.") from None
    except yaml.YAMLError as problem:
        raise RecordError(f"{path.name}: it is not YAML: {' '.join(str(problem).split())}.") from None
    if not isinstance(found, list):
        raise RecordError(f"{path.name}: a list is expected.")
    return [_record(kind, record, f"{path.name}, {_name_of(record, number)}") for number, record in enumerate(found, 1)]


def _record(kind: type[R], record: object, where: str) -> R:
    try:
        return kind.model_validate(record)
    except ValidationError as problem:
        # An unknown key comes last, but it is often a misspelt one, and so the reason why another is missing.
        error = min(problem.errors(), key=lambda error: error["type"] != "extra_forbidden")
        place = [where, *(str(step + 1) if isinstance(step, int) else step for step in error["loc"])]
        came = f", not {error['input']!r}" if error["type"].endswith(("_type", "_short")) else ""
        raise RecordError(f"{', '.join(place)}: {error['msg'].removeprefix('Value error, ')}{came}.") from None


def _name_of(record: object, number: int) -> str:
    """What a sentence calls a record: its id, or its place in the file."""
    return str(record["id"]) if isinstance(record, dict) and record.get("id") else f"record {number}"


def require_unique(path: Path, ids: Iterable[str]) -> None:
    """Raises RecordError naming the first id that comes twice."""
    twice = [name for name, count in Counter(ids).items() if count > 1]
    if twice:
        raise RecordError(f"{path.name}: the id {twice[0]} comes twice.")
