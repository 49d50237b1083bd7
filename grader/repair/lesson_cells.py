"""Released lesson cells that a solution leans on, against the course's rule: they run too, and nobody loses points."""

import builtins
import symtable

from grader.assignment import Assignment, is_check, is_solution
from grader.repair import source_code


def needed(assignment: Assignment, running: list[str]) -> list[tuple[str, str]]:
    """The lesson cells, (id, source) in the released order, that bind names which `running` takes and no other binds.

    What these cells take themselves is followed up, through the cells above them.
    """
    setup = dict(assignment.setup)
    lesson = [
        (cell.id, cell.source)
        for cell in assignment.notebook.cells
        if cell.cell_type == "code" and cell.id not in setup and not is_check(cell) and not is_solution(cell)
    ]
    there = set(dir(builtins)).union(*map(bound, setup.values()), *map(bound, running))
    wanted = set().union(*map(source_code.used, running)) - there
    found = []
    for cell_id, source in reversed(lesson):
        if bound(source) & wanted:
            found.append((cell_id, source))
            wanted |= source_code.used(source) - there
    return found[::-1]


def bound(source: str) -> set[str]:
    """Names that a cell leaves behind; none for what is no Python."""
    try:
        symbols = symtable.symtable(source, "cell", "exec").get_symbols()
    except source_code.ERRORS:
        return set()
    return {each.get_name() for each in symbols if each.is_assigned() or each.is_imported()}
