"""What a cell's source says: the names it defines, its statements, lines that are no Python."""

import ast
import re
import symtable
import warnings
from functools import lru_cache

LARGEST_PARSED = 50_000
STUB = re.compile(r"# YOUR CODE HERE|raise NotImplementedError\(\)|### (BEGIN|END) SOLUTION")
MAGIC = re.compile(r"\s*([%!?]|[\w.]+\s*=\s*[%!](?!=)|[\w.]+\?{1,2}\s*$)")
WHOLE_CELL = re.compile(r"\s*%%(\w+)")
KEEPS_PYTHON = {"time", "timeit", "capture", "prun", "memit", "python", "python3", "pypy"}
FENCES = ("```", "~~~")
ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)


@lru_cache(maxsize=512)
def parsed(source: str) -> ast.Module | None:
    """The syntax tree; None for what is no Python, or more than is looked at."""
    if len(source) > LARGEST_PARSED:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except ERRORS:
        return None


def dump(node: ast.AST | None) -> str:
    """A tree as text, equal for sources that differ in layout and comments only; "" for none, or one too deep."""
    try:
        return ast.dump(node) if node else ""
    except RecursionError:
        return ""


def normal(source: str) -> str:
    """Without white space at line ends, empty lines, and what marks the place of a solution."""
    lines = (line.rstrip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not STUB.fullmatch(line.lstrip()))


def same(left: str, right: str) -> bool:
    """Whether two sources differ in layout and comments at most."""
    return normal(left) == normal(right) or (dump(parsed(left)) or None) == dump(parsed(right))


def does_nothing(source: str) -> bool:
    """Whether a cell holds comments at most."""
    tree = parsed(source)
    return tree is not None and all(isinstance(node, ast.Pass) for node in tree.body)


def defines(source: str, name: str) -> bool:
    """Whether a function of that name is defined at the top level, or another value bound to it."""
    if re.search(rf"^(async +)?def +{name}\b", source, re.MULTILINE):
        return True
    tree = parsed(source) if name in source else None
    return tree is not None and any(name in bound(node) for node in tree.body)


def bound(node: ast.stmt) -> set[str]:
    """Names that a top-level statement binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def pieces(source: str) -> list[tuple[ast.stmt, str]]:
    """Each top-level statement with its lines, the comments before it among them; [] for what is no Python."""
    tree, lines, found, start = parsed(source), source.split("\n"), [], 0
    for node in tree.body if tree else []:
        if node.end_lineno > start:
            found.append((node, "\n".join(lines[start : node.end_lineno])))
            start = node.end_lineno
    return found


def block(source: str, name: str) -> str | None:
    """The lines of one function, told by their indentation; for sources that are no Python as a whole."""
    lines = source.split("\n")
    start = next((index for index, line in enumerate(lines) if re.match(rf"(async +)?def +{name}\b", line)), None)
    if start is None:
        return None
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or lines[end][0] in " \t)]"):
        end += 1
    while start and lines[start - 1].startswith("@"):
        start -= 1
    return "\n".join(lines[start:end]).rstrip()


def used(source: str) -> set[str]:
    """Names that a source takes from outside its functions."""
    try:
        tables = [symtable.symtable(source, "cell", "exec")]
        names: set[str] = set()
        while tables:
            table = tables.pop()
            tables += table.get_children()
            top = table.get_type() == "module"
            names |= {
                each.get_name() for each in table.get_symbols() if each.is_referenced() and (top or each.is_global())
            }
        return names
    except ERRORS:
        return set()


def without_fences(source: str) -> str:
    """Code that stood in a Markdown cell between marks."""
    return "\n".join(line for line in source.splitlines() if not line.lstrip().startswith(FENCES))


def without_magics(source: str) -> tuple[str, list[str]]:
    """The Python of a cell written for IPython, and the lines taken out; "" where the cell is in another language."""
    if parsed(source) is not None:
        return source, []
    whole = WHOLE_CELL.match(source)
    if whole and whole[1] not in KEEPS_PYTHON:
        return "", [source.strip().splitlines()[0]]
    kept, taken, indent, inside = [], [], "", False
    for line in source.split("\n"):
        if inside or MAGIC.match(line):
            indent = indent if inside else line[: len(line) - len(line.lstrip())]
            inside = line.endswith("\\")
            taken.append(line.strip())
            kept.append(f"{indent}pass")
        else:
            kept.append(line)
    python = "\n".join(kept)
    return (python, taken) if taken and (parsed(python) is not None or len(python) > LARGEST_PARSED) else (source, [])
