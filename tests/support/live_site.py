"""A book of one page for each view of the live model, built with this project's settings and extensions."""

from pathlib import Path

from tests.support import small_book
from tools.site.finish import finish
from tools.site.sphinx.live_model import VIEWS


def build(folder: Path) -> Path:
    """Write the book into an empty folder and build it; returns the folder of its pages."""
    pages = {f"book/{view}.md": f"# The view {view}\n\nText.\n\n```{{live-model}} {view}\n```\n" for view in VIEWS}
    toc = "format: jb-book\nroot: book/intro\nchapters:\n" + "".join(f"  - file: book/{view}\n" for view in VIEWS)
    files = {"_toc.yml": toc, "book/intro.md": "# A book\n\nText.\n", **pages}
    status, said = small_book.build(folder, files, whole=False)
    assert status == 0, said
    site = folder / "_build" / "html"
    finish(site, folder)
    return site
