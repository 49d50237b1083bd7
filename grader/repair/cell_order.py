"""In which order a submission's cells run.

Solutions return to the released order, since a cell that was moved has often been run before it was. Unless a cell
that runs needs at once what another one binds, and the student's order has it in time: then that order holds.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeVar

from grader.repair import source_code

T = TypeVar("T")


def in_order(cells: Sequence[T], source_of: Callable[[T], str], place_of: Callable[[T], int | None]) -> list[T]:
    """The cells, those of solutions in the order of their place; cells without one, the student's own, stay.

    place_of: the exercise's number, None for what is no solution.
    """
    places = [index for index, cell in enumerate(cells) if place_of(cell) is not None]
    ordered = list(cells)
    for index, cell in zip(places, sorted((cells[index] for index in places), key=place_of), strict=True):
        ordered[index] = cell
    if all(before is after for before, after in zip(cells, ordered, strict=True)):
        return ordered
    too_late, too_late_before = (_too_late([source_of(cell) for cell in some]) for some in (ordered, cells))
    return list(cells) if too_late_before < too_late else ordered


def _too_late(sources: Sequence[str]) -> int:
    """How many names are bound only by a cell that runs after the first one that needs them at once."""
    bound_by: dict[str, list[int]] = defaultdict(list)
    for index, source in enumerate(sources):
        for name in source_code.names_left_by(source):
            bound_by[name].append(index)
    count = 0
    for index, source in enumerate(sources):
        needed = source_code.names_taken_at_once(source)
        # And what the functions behind these names read in turn; of many that bind one the first and the last.
        behind = {places[end] for name in needed if (places := bound_by.get(name)) for end in (0, -1)}
        needed = needed.union(*(source_code.names_taken_by(sources[place]) for place in behind))
        count += sum(bound_by[name][0] > index for name in needed if name in bound_by)
    return count
