"""What a cell's source says: its statements, the names that it binds and takes.

Sources come from students: they may be no Python, be nested without end, or be made to break a parser. So nothing here
raises; what cannot be parsed has no statements and no names.
"""

import ast
import re
import symtable
import warnings
from collections.abc import Callable
from functools import lru_cache

MAX_PARSED_CHARACTERS = 50_000
MAX_OPENING_CHARACTERS = 50
# What nbgrader puts in a solution's place, and the markers around a solution.
STUB_LINE = re.compile(r"# YOUR CODE HERE|raise NotImplementedError\(\)|### (BEGIN|END) SOLUTION")
# What binds names at run time.
BINDS_ANYTHING = re.compile(r"\b(exec|globals|locals|vars|setattr|__main__|get_ipython|__dict__)\b|\bimport +\*")
SIMPLE_BINDINGS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom | ast.Assign
COMPREHENSION_TABLES = ("listcomp", "setcomp", "dictcomp", "genexpr")
COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | COMPREHENSIONS
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
    """Whether a function of that name is defined in a cell, or another value bound to it, under conditions too."""
    # By text first: a cell with a syntax error in it, or one too long to be parsed, still is this function's cell.
    if re.search(rf"^((async +)?def +{name}\b|{name} *(:[^=\n]*)?=(?!=))", source, re.MULTILINE):
        return True
    # Python takes a name in compatibility characters, such as full-width ones, for the same name.
    return (name in source or not source.isascii()) and name in names_left_by(source)


def surely_defines(source: str, name: str) -> bool:
    """Whether a cell that runs to its end has bound the name: by a statement of its own, under no condition."""
    tree = parsed(source)
    if tree is None:
        return defines(source, name)
    simple = [node for node in tree.body if isinstance(node, SIMPLE_BINDINGS)]
    # Of a function its own name: one that it binds by `global` is bound when it is called.
    return any(name in (_bound_by(node) or names_bound_by(node)) for node in simple)


def may_bind_anything(source: str) -> bool:
    """Whether a cell holds what binds names that cannot be told from its source: exec, globals(), a star import."""
    return BINDS_ANYTHING.search(source) is not None


def raises_not_implemented(source: str, function: str) -> bool:
    """Whether a cell's function still does what it did in the blank, and no more."""
    tree = parsed(source)
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function] if tree else []
    if not found or not isinstance(found[-1].body[-1], ast.Raise):
        return False
    *before, last = found[-1].body
    is_docstring = [isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in before]
    return all(is_docstring) and "NotImplementedError" in dump(last)


def names_bound_by(node: ast.stmt) -> set[str]:
    """Names that a top-level statement binds, with all that stands in it: conditions, loops, `global` in a function."""
    names: set[str] = set()
    # A stack of our own, with each node whether it stands in a scope of its own: a student's tree may be deep.
    stack: list[tuple[ast.AST, bool]] = [(node, False)]
    while stack:
        inner, is_nested = stack.pop()
        if isinstance(inner, ast.Global):
            names.update(inner.names)
        elif not is_nested:
            names |= _bound_by(inner)
        is_nested = is_nested or isinstance(inner, SCOPES)
        stack += [(child, is_nested) for child in ast.iter_child_nodes(inner)]
    return names


def _bound_by(node: ast.AST) -> set[str]:
    """Names that one node binds, without what stands in it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    if isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
        return {node.name}
    return {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else set()


@lru_cache(maxsize=4096)
def names_left_by(source: str) -> frozenset[str]:
    """Names that a whole cell leaves behind, those bound in loops and conditions too."""
    tree = parsed(source)
    return frozenset().union(*map(names_bound_by, tree.body)) if tree else frozenset()


@lru_cache(maxsize=4096)
def names_taken_by(source: str) -> frozenset[str]:
    """Names that a cell reads at its top level, and those that its functions take from outside themselves."""
    return _names_taken(source, lambda table: True)


def names_taken_at_once(source: str) -> frozenset[str]:
    """Names that a cell reads while it runs, not only when its functions are called."""
    return _names_taken(source, lambda table: table.get_type() == "class" or table.get_name() in COMPREHENSION_TABLES)


def _names_taken(source: str, is_looked_into: Callable[[symtable.SymbolTable], bool]) -> frozenset[str]:
    try:
        tables = [symtable.symtable(source, "cell", "exec")]
        names: set[str] = set()
        while tables:
            table = tables.pop()
            tables += filter(is_looked_into, table.get_children())
            is_module = table.get_type() == "module"
            names |= {
                symbol.get_name()
                for symbol in table.get_symbols()
                if symbol.is_referenced() and (is_module or symbol.is_global())
            }
        return frozenset(names)
    except PARSER_ERRORS:
        return frozenset()


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
    return "\n".join(line for line in source.split("\n") if not line.lstrip().startswith(FENCES))
