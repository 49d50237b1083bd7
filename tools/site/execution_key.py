"""What the outputs of a notebook depend on, as one number: while it stays the same, nothing is executed again.

It covers the code cells, the code of our modules that they import, directly or through another, the data of those
packages, the programs that the notebook starts, the locked packages and the version of Python. Prose, comments and
docstrings are left out, since no output shows them; a notebook that shows source code depends on every letter of it.
"""

import ast
import hashlib
import platform
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from nbformat import NotebookNode

from tools.site.pages import code_cells

PACKAGES = ("utils", "grader", "tools", "runs")
# A string such as "utils.evaluate" names a module that runs as `python -m`.
DOTTED = re.compile(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)*")
# Shows the source of a module. A program that is shown, by its name in quotes, counts by the letter anyway.
SHOWS_SOURCE = re.compile(r"""\b(?:listing\((?!\s*["'])|getsource(?:lines)?\()""")
# Locked, and used by no notebook.
ONLY_FOR_TESTS = ("axe-playwright-python",)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def execution_keys(root: Path, pages: dict[str, NotebookNode]) -> dict[str, str]:
    """The key of every page, as hexadecimal text. pages: sources by their name in the table of contents."""
    for remembered in (_text, _code, _sha256, _names_of):
        remembered.cache_clear()  # files may have changed since an earlier call
    return {page: _key(root, page, notebook) for page, notebook in pages.items()}


def _key(root: Path, page: str, notebook: NotebookNode) -> str:
    cells = [cell["source"] for cell in code_cells(notebook)]
    programs = sorted(_programs(root, page, cells))
    modules = _closure(root, [*cells, *(_text(path) for path in programs if path.suffix == ".py")])
    read = _text if any(map(SHOWS_SOURCE.search, cells)) else _code
    packages = sorted({path.relative_to(root).parts[0] for path in modules})
    data = [path for package in packages for path in _data(root / package)]
    parts = [platform.python_version(), str(notebook["metadata"].get("kernelspec", {}).get("name"))]
    parts += cells + [f"{path.relative_to(root)}\n{read(path)}" for path in modules]
    parts += [f"{path.relative_to(root)} {_sha256(path)}" for path in [*programs, *data]]
    parts.append(f"requirements.lock {_packages(root / 'requirements.lock')}")
    # Each part is hashed by itself, so that text which moves from one to the next changes the key.
    return hashlib.sha256(b"".join(hashlib.sha256(part.encode()).digest() for part in parts)).hexdigest()


def _packages(lock: Path) -> str:
    """SHA-256 of the locked packages that a notebook could use."""
    lines = _text(lock).splitlines(keepends=True)
    kept = [line for line in lines if line.partition("==")[0] not in ONLY_FOR_TESTS]
    return hashlib.sha256("".join(kept).encode()).hexdigest()


def _programs(root: Path, page: str, cells: Iterable[str]) -> Iterator[Path]:
    """The files that the code starts or reads by name: a lab's own, a chapter's workers, all of a lab it names."""
    names = {text for cell in cells for text in _strings(_parsed(cell))}
    folder = (root / page).parent
    if folder.parent.name == "labs":
        yield from (path for path in _files(folder) if path.suffix != ".ipynb")
    yield from (path for path in _files(root / "book" / "workers") if any(path.name in name for name in names))
    for lab in sorted(path.name for path in (root / "labs").glob("*/")):
        if lab in names:
            yield from _files(root / "labs" / lab)
            yield from _files(root / "tests" / "mutants" / lab)


def _closure(root: Path, sources: Iterable[str]) -> list[Path]:
    """Our modules that the sources name, and those which these name, and so on."""
    found: set[Path] = set()
    waiting = {name for source in sources for name in _named(source)}
    while waiting:
        new = {path for name in waiting for path in _module(root, name.split("."))} - found
        found |= new
        waiting = {name for path in new for name in _names_of(path)}
    return sorted(found)


@cache
def _names_of(path: Path) -> frozenset[str]:
    return frozenset(_named(_text(path)))


def _named(source: str) -> Iterator[str]:
    """The dotted names of ours that one piece of code imports, wherever in it, or writes in a string."""
    for node in ast.walk(_parsed(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and DOTTED.fullmatch(node.value):
            names = [node.value]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] in PACKAGES)


def _module(root: Path, parts: list[str]) -> Iterator[Path]:
    """The files that importing a dotted name, or running it by `-m`, executes; what is no module is left out."""
    for length in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:length])
        candidates = (place.with_suffix(".py"), place / "__init__.py")
        yield from filter(Path.is_file, candidates)
    yield from filter(Path.is_file, (place / "__main__.py",))


def _parsed(source: str) -> ast.Module:
    """The code without docstrings; nothing where it is no plain Python, as in a cell that shows how to break it."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return ast.Module([], [])
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body[0] = ast.Pass()
    return tree


def _strings(tree: ast.Module) -> Iterator[str]:
    return (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def _data(package: Path) -> list[Path]:
    return [path for path in _files(package) if path.suffix != ".py"]


def _files(folder: Path) -> list[Path]:
    hidden = ("__pycache__", ".ipynb_checkpoints")
    return sorted(path for path in folder.rglob("*") if path.is_file() and not set(hidden) & set(path.parts))


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _code(path: Path) -> str:
    """A module as its syntax tree. One that prints its own docstring counts by the letter."""
    text = _text(path)
    return text if "__doc__" in text else ast.dump(_parsed(text))


@cache
def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
