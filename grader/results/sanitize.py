"""Texts that leave the grader: without paths of its machine, without control characters, never endless."""

import re

MAX_LENGTH = 600
ROUNDING = 1e-9
# From "/" or "C:\" to the last separator, so that the file's own name is left. Not after a word's character, a dot or
# another slash: "GB/s", "1/2", "https://" and "../x" are no absolute paths.
PATHS = re.compile(r"(?<![\w.)/\\])(?:/(?:[\w.+@~%-]+/)+|[A-Za-z]:[\\/](?:[^\\/:*?\"'<>|\s]+[\\/])*)(?=[\w.+@~%-]*)")
# Control characters but tab and newline; zero-width ones, and marks that turn the direction of writing, by which a text
# can look like another; halves of surrogate pairs, which no UTF-8 file can hold.
INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str, max_length: int = MAX_LENGTH) -> str:
    """The text as a page or a table may show it; of each absolute path only the last name is left.

    >>> plain("FileNotFoundError: '/srv/grades/book.db' is missing")
    "FileNotFoundError: '…/book.db' is missing"
    """
    # Cut before the search, whose time grows with the text; at four times the length, since paths will shrink.
    text = PATHS.sub("…/", INVISIBLE.sub(" ", text[: 4 * max_length]))
    return text if len(text) <= max_length else text[: max_length - 1].rstrip() + "…"


def number(value: float) -> str:
    """Points without needless zeros.

    >>> number(2.0), number(0.125)
    ('2', '0.12')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def has_all_points(earned: float, points: float) -> bool:
    """Whether these are all points, whatever their sum has lost in rounding.

    >>> has_all_points(0.1 + 0.7, 0.8)
    True
    """
    return earned >= points - ROUNDING


def counted(count: int, noun: str) -> str:
    """A count and its noun.

    >>> counted(1, "submission"), counted(3, "submission")
    ('1 submission', '3 submissions')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
