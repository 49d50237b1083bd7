"""Code shown in a notebook straight from the file that runs it, so that the two cannot differ.

The file is read and not imported, since a worker runs when it is imported. It is shown as Markdown, which notebooks and
the site colour as their own code; `IPython.display.Code` brings fixed colours on light grey, which a dark page keeps.
"""

import ast
import os
from dataclasses import dataclass
from pathlib import Path

from utils.errors import CourseError


@dataclass(frozen=True)
class Listing:
    """Lines of a Python file; notebooks and the site set them as code."""

    text: str

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.text}\n```"

    def __repr__(self) -> str:
        return self.text


def listing(path: str | os.PathLike, *names: str) -> Listing:
    """The named functions and classes of a Python file, in the order given; the whole file without names.

    names: a method is "Class.method".
    Raises CourseError when the file holds no such name.
    """
    source = Path(path).read_text(encoding="utf-8")
    parts = [_part(source, name, path) for name in names] or [source.strip()]
    return Listing("\n\n\n".join(parts))


def _part(source: str, name: str, path) -> str:
    body = ast.parse(source).body
    for step in name.split("."):
        node = next((each for each in body if getattr(each, "name", None) == step), None)
        if node is None:
            raise CourseError(f"{path} should hold {name}, but does not: check the name.")
        body = node.body
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])
