"""The pages of the book: what the table of contents names, and which of them are notebooks."""

from collections.abc import Iterator
from pathlib import Path

import yaml
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig
from nbformat import NotebookNode


def toc_pages(toc: dict) -> Iterator[str]:
    """Every page a table of contents names, in order."""
    for key, value in toc.items():
        if key in ("root", "file"):
            yield value
        elif isinstance(value, list):
            for entry in value:
                yield from toc_pages(entry)


def as_notebook(root: Path, page: str) -> NotebookNode | None:
    """The source of a page, read as the site's builder reads it; None when it is plain Markdown."""
    source = next(path for suffix in (".ipynb", ".md") if (path := root / f"{page}{suffix}").exists())
    text = source.read_text(encoding="utf-8")
    reader = create_nb_reader(str(source), MdParserConfig(), NbParserConfig(), text)
    return reader and reader.read(text)


def notebooks(root: Path) -> dict[str, NotebookNode]:
    """The notebook pages of the table of contents by name, `labs/02_prompting/02_prompting` for one, in order."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return {page: notebook for page in toc_pages(toc) if (notebook := as_notebook(root, page))}


def code_cells(notebook: dict) -> list[dict]:
    """The code cells of a notebook in order, empty ones too."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
