"""What a cell's source says: its statements, the names it binds and takes, lines that are no Python.

Sources come from students: they may be no Python, be nested without end, or be made to break a parser. So nothing here
raises; what cannot be parsed has no statements and no names.
"""

import ast
import re
import symtable
import warnings
from functools import lru_cache

MAX_PARSED_CHARACTERS = 50_000
MAX_OPENING_CHARACTERS = 50
# What nbgrader puts in a solution's place, and the markers around a solution.
STUB_LINE = re.compile(r"# YOUR CODE HERE|raise NotImplementedError\(\)|### (BEGIN|END) SOLUTION")
# IPython: %magic, !shell, ?help, name = %magic, name = !shell, name?
MAGIC_LINE = re.compile(r"\s*([%!?]|[\w.]+\s*=\s*[%!](?!=)|[\w.]+\?{1,2}\s*$)")
CELL_MAGIC = re.compile(r"\s*%%(\w+)")
PYTHON_CELL_MAGICS = {"time", "timeit", "capture", "prun", "memit", "python", "python3", "pypy"}
FENCES = ("```", "~~~")
# Of ast and symtable: no Python; a null byte; nested too deeply, in two ways.
PARSER_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)


@lru_cache(maxsize=512)
def parsed(source: str) -> ast.Module | None:
    """The syntax tree; None for what is no Python, or more than is looked at."""
    if len(source) > MAX_PARSED_CHARACTERS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except PARSER_ERRORS:
        return None


def dump(node: ast.AST | None) -> str:
    """A tree as text, equal for sources that differ in layout and comments only; "" for none, or one too deep."""
    try:
        return ast.dump(node) if node else ""
    except RecursionError:
        return ""


def normalized(source: str) -> str:
    """Without white space at line ends, empty lines, and what marks the place of a solution."""
    lines = (line.rstrip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not STUB_LINE.fullmatch(line.lstrip()))


def is_same(left: str, right: str) -> bool:
    """Whether two sources differ in layout and comments at most."""
    # `or None`: two sources of which neither has a tree are not the same for that.
    return normalized(left) == normalized(right) or (dump(parsed(left)) or None) == dump(parsed(right))


def does_nothing(source: str) -> bool:
    """Whether a cell holds comments at most."""
    tree = parsed(source)
    return tree is not None and all(isinstance(node, ast.Pass) for node in tree.body)


def defines(source: str, name: str) -> bool:
    """Whether a function of that name is defined at the top level, or another value bound to it."""
    # By text first: a cell with a syntax error in it still is this function's cell.
    if re.search(rf"^(async +)?def +{name}\b", source, re.MULTILINE):
        return True
    tree = parsed(source) if name in source else None
    return tree is not None and any(name in names_bound_by(node) for node in tree.body)


def names_bound_by(node: ast.stmt) -> set[str]:
    """Names that a top-level statement binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def names_left_by(source: str) -> set[str]:
    """Names that a whole cell leaves behind, those bound in loops and conditions too."""
    try:
        symbols = symtable.symtable(source, "cell", "exec").get_symbols()
    except PARSER_ERRORS:
        return set()
    return {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}


def names_taken_by(source: str) -> set[str]:
    """Names that a cell reads at its top level, and those that its functions take from outside themselves."""
    try:
        tables = [symtable.symtable(source, "cell", "exec")]
        names: set[str] = set()
        while tables:
            table = tables.pop()
            tables += table.get_children()
            is_module = table.get_type() == "module"
            names |= {
                symbol.get_name()
                for symbol in table.get_symbols()
                if symbol.is_referenced() and (is_module or symbol.is_global())
            }
        return names
    except PARSER_ERRORS:
        return set()


def statements(source: str) -> list[tuple[ast.stmt, str]]:
    """Each top-level statement with its lines, the comments before it among them; [] for what is no Python."""
    tree, lines, found, start = parsed(source), source.split("\n"), [], 0
    for node in tree.body if tree else []:
        # Several on one line go with the first.
        if node.end_lineno > start:
            found.append((node, "\n".join(lines[start : node.end_lineno])))
            start = node.end_lineno
    return found


def function_block(source: str, name: str) -> str | None:
    """The lines of one function, told by their indentation; for sources that are no Python as a whole."""
    lines = source.split("\n")
    start = next((index for index, line in enumerate(lines) if re.match(rf"(async +)?def +{name}\b", line)), None)
    if start is None:
        return None
    end = start + 1
    # A closing bracket at the margin ends a signature that is spread over lines.
    while end < len(lines) and (not lines[end].strip() or lines[end][0] in " \t)]"):
        end += 1
    while start and lines[start - 1].startswith("@"):
        start -= 1
    return "\n".join(lines[start:end]).rstrip()


def opening(source: str) -> str:
    """The first line of a cell, short enough for a sentence, and in characters that are harmless anywhere."""
    line = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return re.sub(r"[^\x20-\x7e]", "?", line[:MAX_OPENING_CHARACTERS].strip())


def without_fences(source: str) -> str:
    """Code that stood in a Markdown cell between marks."""
    return "\n".join(line for line in source.splitlines() if not line.lstrip().startswith(FENCES))


def without_magics(source: str) -> tuple[str, list[str]]:
    """The Python of a cell written for IPython, and the lines taken out; "" where the cell is in another language.

    A line is replaced by `pass`, not deleted: it may be the only one of a block.
    """
    # Python first: a line that begins with % is an operator, or text, in a cell that parses.
    if parsed(source) is not None:
        return source, []
    cell_magic = CELL_MAGIC.match(source)
    if cell_magic and cell_magic[1] not in PYTHON_CELL_MAGICS:
        return "", [source.strip().splitlines()[0]]
    kept, magics, indent, continued = [], [], "", False
    for line in source.split("\n"):
        if continued or MAGIC_LINE.match(line):
            indent = indent if continued else line[: len(line) - len(line.lstrip())]
            continued = line.endswith("\\")
            magics.append(line.strip())
            kept.append(f"{indent}pass")
        else:
            kept.append(line)
    python = "\n".join(kept)
    # Where it is no Python afterwards either, the student's own error is to be seen, not ours.
    is_python = parsed(python) is not None or len(python) > MAX_PARSED_CHARACTERS
    return (python, magics) if magics and is_python else (source, [])
