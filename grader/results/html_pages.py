"""HTML pages from templates: everything escaped, nothing fetched, no name missing without an error."""

import functools
from pathlib import Path
from typing import Any

import jinja2

from grader.results.sanitize import counted, number, plain
from utils import units

FOLDER = Path(__file__).resolve().parent / "templates"
FILTERS = {
    "plain": plain,
    "number": number,
    "counted": counted,
    "duration": units.format_seconds,
    "memory": functools.partial(units.format_bytes, binary=True),
}


def rendered(template: str, **values: Any) -> str:
    """The template filled; strings are escaped, and lose paths and control characters through the filter `plain`."""
    return _environment().get_template(template).render(**values)


@functools.cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(FOLDER)
    # Autoescape: a student's name or error may hold HTML. StrictUndefined: a misspelt name is an error, not a gap.
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= FILTERS
    return environment
