"""What is changed in the pages once they are built, because no setting of the theme or the reader does it.

Tracebacks name files as they lie in the course. Folds and the sidebar's chevrons have names that a screen reader can
say. A page says in one sentence what it is about, for search engines and previews. Figures are part of
the page, in the reader's colours. Scripts and styles that no page uses are left out.
"""

import html
import re
from pathlib import Path

from tools.site import assets, figures, lookups

CHEVRON = re.compile(r'>([^<]+)</a>(<details[^>]*>)<summary>(<span class="toctree-toggle")')
# Its text says what it does, and is not what the label says.
FOLD = re.compile(r'<summary aria-label="Toggle hidden content">')
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
LONGEST = 200


def finish(site: Path, root: Path) -> None:
    """Change every page of a built site. root: the folder of the course, which no page names."""
    meanings = lookups.terms(site)
    for path in site.rglob("*.html"):
        page = lookups.with_terms(finished(path.read_text(encoding="utf-8"), root), meanings)
        path.write_text(page, encoding="utf-8")
    assets.cut(site, root / "book" / "_static")
    lookups.write_texts(site)


def finished(page: str, root: Path) -> str:
    """One page."""
    page = page.replace(f"{root}/", "")
    page = CHEVRON.sub(r'>\1</a>\2<summary aria-label="Pages below: \1">\3', page)
    page = FOLD.sub("<summary>", page)
    page = page.replace('role="doc-biblioentry"', 'role="listitem"')  # in a list, and retired since
    page = figures.inline(page)
    page = assets.without_unused_scripts(page)
    said, title = description(page), TITLE.search(page)
    if not said or not title:
        return page
    name = title[1].split("—")[0].split("&#8212;")[0].strip()
    tags = {"name": {"description": said}, "property": {"og:title": name, "og:description": said, "og:type": "article"}}
    meta = "".join(
        f'\n    <meta {key}="{which}" content="{value}" />'
        for key, pairs in tags.items()
        for which, value in pairs.items()
    )
    return page.replace(title[0], title[0] + meta, 1)


def description(page: str) -> str:
    """The first paragraph of the article, at most LONGEST characters of whole words, as an attribute's value."""
    article = page.partition("<article")[2]
    for found in PARAGRAPH.findall(article):
        text = " ".join(html.unescape(TAG.sub("", found)).split())
        if len(text.split()) > 5:
            cut = text if len(text) <= LONGEST else text[: LONGEST - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
            return html.escape(cut)
    return ""
