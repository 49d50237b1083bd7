"""What a page tells about its words without leaving it, also from disk: the meaning of a term, and search results.

A link to a term of the glossary carries the definition; reader.js shows it. The theme's search reads each page that it
found, which a browser forbids from disk; so the texts of all pages go into one script of the page that searches.
"""

import html
import json
import re
from pathlib import Path

TERM = re.compile(r'<dt id="(term-[^"]*)">.*?</dt>\s*<dd>(.*?)</dd>', re.DOTALL)
LINK = re.compile(r'<a class="reference internal" href="([^"#]*glossary\.html)?#(term-[^"]*)">')
ARTICLE = re.compile(r'<article class="bd-article[^>]*>(.*?)</article>', re.DOTALL)
# Formulas, drawings and code have no sentence for a search result.
SILENT = re.compile(r"<(script|style|svg|pre|math)\b.*?</\1>|<a class=\"headerlink\".*?</a>", re.DOTALL)
SECTION = re.compile(r"<section\b[^>]*?\bid=\"([^\"]*)\"[^>]*>|(</section>)|<[^>]*>")
TAG = re.compile(r"<[^>]*>")
TEXTS = "search_texts.js"
SEARCH_PAGE = "search.html"


def terms(site: Path) -> dict[str, str]:
    """The definitions of the glossary by the id of their term, as text."""
    path = site / "book" / "glossary.html"
    found = TERM.findall(path.read_text(encoding="utf-8")) if path.exists() else []
    return {name: " ".join(html.unescape(TAG.sub("", meaning)).split()) for name, meaning in found}


def with_terms(page: str, meanings: dict[str, str]) -> str:
    """A page whose links to terms say what they mean."""

    def explained(link: re.Match) -> str:
        meaning = meanings.get(link[2])
        return f'{link[0][:-1]} title="{html.escape(meaning)}">' if meaning else link[0]

    return LINK.sub(explained, page)


def write_texts(site: Path) -> None:
    """Give the page that searches the texts of all others, with the ids of their sections."""
    search = site / SEARCH_PAGE
    if not search.exists():
        return
    texts = {}
    for path in sorted(site.rglob("*.html")):
        if article := ARTICLE.search(path.read_text(encoding="utf-8")):
            texts[path.relative_to(site).as_posix()] = f'<main role="main">{_plain(article[1])}</main>'
    (site / "_static" / TEXTS).write_text(f"window.SEARCH_TEXTS = {json.dumps(texts)};\n", encoding="utf-8")
    page = search.read_text(encoding="utf-8")
    search.write_text(page.replace("</head>", f'<script src="_static/{TEXTS}"></script>\n</head>', 1), encoding="utf-8")


def _plain(article: str) -> str:
    def kept(tag: re.Match) -> str:
        return f'<section id="{tag[1]}">' if tag[1] else tag[2] or " "

    return re.sub(r"\s+", " ", SECTION.sub(kept, SILENT.sub(" ", article)))
