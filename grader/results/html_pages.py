"""HTML pages from templates: everything escaped, nothing fetched, no name missing without an error."""

from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from grader.results.sanitize import counted, number, plain

FOLDER = Path(__file__).resolve().parent / "templates"
MEBIBYTE = 2**20


def rendered(template: str, **values: Any) -> str:
    """The template filled; strings are escaped, and lose paths and control characters through the filter `plain`."""
    return _environment().get_template(template).render(**values)


def minutes(seconds: float) -> str:
    """A duration for people.

    >>> minutes(0.04), minutes(75.2)
    ('0.0 s', '1 min 15 s')
    """
    whole = round(seconds)
    return f"{seconds:.1f} s" if seconds < 60 else f"{whole // 60} min {whole % 60} s"


def memory(size_bytes: float) -> str:
    """Memory in MiB.

    >>> memory(3 * 2**20)
    '3 MiB'
    """
    return f"{size_bytes / MEBIBYTE:,.0f} MiB"


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(FOLDER)
    made = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {"plain": plain, "number": number, "counted": counted, "minutes": minutes, "memory": memory}
    return made
