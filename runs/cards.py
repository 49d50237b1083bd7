"""What every card needs: counts of words and shares, tables in Markdown, rows read from files and written to them."""

import json
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any


def words(text: str) -> list[str]:
    """The words of a text in lower case, without the speakers' tags.

    >>> words("#Person1#: The half-price lamp, at 7:05?")
    ['the', 'half-price', 'lamp', 'at', '7:05']
    """
    return re.findall(r"[^\W_]+(?:['’.:-][^\W_]+)*", re.sub(r"#Person\d#", "", text).lower())


def share(hits: Iterable[bool]) -> str:
    """The share of true values, in per cent.

    >>> share([True, False, False])
    '33%'
    """
    return f"{statistics.mean(map(float, hits)):.0%}"


def spread(values: Sequence[int], smallest: bool = False) -> str:
    """Mean and largest value, after the smallest when asked for.

    >>> spread([4, 8, 9], smallest=True)
    '4 / 7.0 / 9'
    """
    least = f"{min(values)} / " if smallest else ""
    return f"{least}{statistics.mean(values):.1f} / {max(values)}"


def table(head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> str:
    """A table in Markdown.

    >>> print(table(("split", "rows"), [("test", 500)]))
    | split | rows |
    | --- | --- |
    | test | 500 |
    """
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def read(path: Path, kind: type = dict) -> list:
    """The rows of a JSON Lines file, each as `kind(**row)`."""
    # Split at "\n" alone: str.splitlines would also cut at separators that may stand inside a JSON string.
    return [kind(**json.loads(line)) for line in path.read_text(encoding="utf-8").split("\n") if line]


def write_jsonl(path: Path, records: Iterable[Mapping[str, str]]) -> Path:
    """One JSON object a line, UTF-8; the folder is made when it is missing. Returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path
