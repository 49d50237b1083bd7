"""The course's one error type, and the checks of arguments that raise it."""

from collections.abc import Mapping


class CourseError(ValueError):
    """An error meant for the reader: one sentence with what was expected, what came, and what to do."""


def one_of(what: str, name: str, table: Mapping):
    """The table's entry under `name`. Raises CourseError that lists the names when there is none.

    what: what the sentence calls the argument, as in "optimizer".

    >>> one_of("stage", "two", {"one": 1, "two": 2})
    2
    """
    if name not in table:
        raise CourseError(f"The {what} must be one of {', '.join(table)}, but {name!r} came: choose one of them.")
    return table[name]


def at_least(least: int, **numbers: int) -> None:
    """Raises CourseError for the first argument that is no whole number of at least `least`.

    >>> at_least(1, batch=8, rows=0)
    Traceback (most recent call last):
    utils.errors.CourseError: rows must be a whole number of at least 1, but 0 came: correct it.
    """
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < least:
            raise CourseError(f"{name} must be a whole number of at least {least}, but {number!r} came: correct it.")
