"""Wall time and peak memory of `make book`: from nothing built, with nothing changed, after one edit of each kind."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import Failure, Measurement, command
from utils.runtime import project_root

# What tools.site.build derives; the environment and this program's own results stay.
DERIVED = ("html", ".doctrees", ".jupyter_cache", "jupyter_execute", "executed")
CHAPTER, MODULE = "book/03_decoding.md", "utils/generation.py"
FIRST_CELL = re.compile(r"(```\{code-cell\}[^\n]*\n(?::[^\n]*\n|\n)*)")


def measure(quick: bool = False) -> list[Measurement]:
    """Wall time and peak memory of each run. `quick` leaves what is built and measures the second run only.

    Two files are edited for a while, and get their text back.
    """
    root = project_root()
    found = []
    if not quick:
        for name in DERIVED:
            shutil.rmtree(root / "_build" / name, ignore_errors=True)
        found += _make_book(root, "cold", 480.0)
    found += _make_book(root, "unchanged", 20.0)
    if not quick:
        with edited(root / CHAPTER, FIRST_CELL, r"\1assert True\n"):
            found += _make_book(root, "one chapter's code edited", 60.0)
        with edited(root / MODULE, re.compile(r'\A"""'), '"""Edited. '):
            found += _make_book(root, "one docstring edited", 20.0)
    return found


@contextmanager
def edited(path: Path, pattern: re.Pattern, replacement: str) -> Iterator[None]:
    """The file with the first match replaced, while the body runs. Raises Failure when nothing matches."""
    text = path.read_text(encoding="utf-8")
    changed, count = pattern.subn(replacement, text, count=1)
    if not count:
        raise Failure(f"{path.name} should hold {pattern.pattern}, but nothing in it matches.")
    try:
        path.write_text(changed, encoding="utf-8")
        yield
    finally:
        path.write_text(text, encoding="utf-8")


def _make_book(root: Path, name: str, at_most_s: float) -> list[Measurement]:
    return command("book", f"make book, {name}", ["make", "book"], root, {"s": at_most_s})
