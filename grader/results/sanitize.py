"""Texts that leave the grader: without paths of its machine, without control characters, never endless."""

import re

LONGEST_TEXT = 600
ROUNDING = 1e-9
PATHS = re.compile(r"(?<![\w.)/\\])(?:/(?:[\w.+@~%-]+/)+|[A-Za-z]:[\\/](?:[^\\/:*?\"'<>|\s]+[\\/])*)(?=[\w.+@~%-]*)")
INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str, longest: int = LONGEST_TEXT) -> str:
    """The text as a page or a table may show it; of each absolute path only the last name is left.

    >>> plain("FileNotFoundError: '/srv/grades/book.db' is missing")
    "FileNotFoundError: '…/book.db' is missing"
    """
    text = PATHS.sub("…/", INVISIBLE.sub(" ", text[: 4 * longest]))
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def number(value: float) -> str:
    """Points without needless zeros.

    >>> number(2.0), number(0.125)
    ('2', '0.12')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def all_of(earned: float, points: float) -> bool:
    """Whether these are all points, whatever their sum has lost in rounding.

    >>> all_of(0.1 + 0.7, 0.8)
    True
    """
    return earned >= points - ROUNDING


def counted(count: int, noun: str) -> str:
    """A count and its noun.

    >>> counted(1, "submission"), counted(3, "submission")
    ('1 submission', '3 submissions')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
