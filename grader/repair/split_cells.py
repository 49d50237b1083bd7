"""Cells that hold what belongs to several: parts of them taken apart again."""

import ast
from collections.abc import Iterator
from functools import lru_cache

from grader.assignment import Exercise
from grader.repair import source_code
from grader.repair.match_cells import Cell, Match, Released

DEFINITIONS = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def separated(
    cell: Cell, exercises: list[Exercise], given: list[Released], own: Released | None
) -> tuple[list[tuple[Exercise | None, str]], bool]:
    """A cell's sources in order, each with the exercise it answers, None for what the student added.

    Also returns whether statements of other released cells stood among them, which are left out.
    """
    source = cell.source
    if cell.kind != "code" and source_code.parsed(source) is None:
        source = source_code.without_fences(source)
    others = _statements(tuple(each for each in given if each.role in ("check", "setup", "lesson")))
    parts = source_code.pieces(source)
    left = [part for part in parts if source_code.dump(part[0]) not in others]
    alone = own is None or own.role == "solution"
    if not parts:
        return _blocks(source, exercises), False
    if len(exercises) == 1 and len(left) == len(parts) and alone:
        return [(exercises[0], source)], False
    return _told_apart(left, exercises), len(left) < len(parts)


def _blocks(source: str, exercises: list[Exercise]) -> list[tuple[Exercise | None, str]]:
    """Each exercise's function, cut out by its indentation; the whole cell where not even that is Python."""
    found = []
    for exercise in exercises:
        block = source_code.block(source, exercise.function)
        found.append((exercise, block if block and source_code.parsed(block) is not None else source))
    return found


def _told_apart(parts: list[tuple[ast.stmt, str]], exercises: list[Exercise]) -> list[tuple[Exercise | None, str]]:
    """Statement by statement: each exercise's last definition, and what stands between them."""
    answers: dict[Exercise, int] = {}
    for index, (node, _) in enumerate(parts):
        for exercise in exercises:
            if exercise.function in source_code.bound(node):
                answers[exercise] = index
    owners = {index: exercise for exercise, index in answers.items()}
    found = [(owners.get(index), text) for index, (_, text) in enumerate(parts)]
    missing = [exercise for exercise in exercises if exercise not in answers]
    return found + [(exercise, "\n".join(text for _, text in parts)) for exercise in missing]


@lru_cache(maxsize=16)
def _statements(given: tuple[Released, ...]) -> frozenset[str]:
    """Top-level statements of released cells, but for imports: a solution may have those of its own."""
    nodes = [node for each in given for text in each.texts for node, _ in source_code.pieces(text)]
    return frozenset(source_code.dump(node) for node in nodes if not isinstance(node, ast.Import | ast.ImportFrom))


def added_definitions(edited: list[Match], given: list[Released], running: list[str]) -> Iterator[tuple[Cell, str]]:
    """Imports, functions and constants in edited cells of ours that what runs takes from outside, and nothing else."""
    changed = [
        match.cell for match in edited if match.cell.kind == "code" and not match.released.holds(match.cell.source)
    ]
    if not changed:
        return iter(())
    ours = {source_code.dump(node) for each in given for text in each.texts for node, _ in source_code.pieces(text)}
    fixed = {
        name for each in given if each.role == "setup" for node in _nodes(each) for name in source_code.bound(node)
    }
    offered = [
        (cell, source_code.bound(node), text)
        for cell in changed
        for node, text in source_code.pieces(cell.source)
        if source_code.dump(node) not in ours and not source_code.bound(node) & fixed and _is_definition(node)
    ]
    wanted, kept = set().union(*map(source_code.used, running)) if offered else set(), set()
    while more := {index for index, (_, names, _) in enumerate(offered) if names & wanted} - kept:
        kept |= more
        wanted = wanted.union(*(source_code.used(offered[index][2]) for index in more))
    return ((offered[index][0], offered[index][2]) for index in sorted(kept))


def _nodes(given: Released) -> Iterator[ast.stmt]:
    return (node for node, _ in source_code.pieces(given.texts[0]))


def _is_definition(node: ast.stmt) -> bool:
    """Whether a statement only names something: an import, a function, a class, a constant."""
    if isinstance(node, ast.Assign):
        try:
            return ast.literal_eval(node.value) is not Ellipsis
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return False
    return isinstance(node, DEFINITIONS)
