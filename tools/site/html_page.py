"""What one HTML page, style sheet or script contains that a check asks about."""

import posixpath
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

REMOTE = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
CSS_ADDRESS = re.compile(r"""(?:url\(\s*|@import\s+)["']?\s*([^"')\s;]+)""", re.IGNORECASE)
SCRIPT_ADDRESS = re.compile(
    r"""["'`]((?:https?:)?//[^"'`\s]+\.(?:m?js|css|wasm|woff2?|ttf|json)(?:[?#][^"'`]*)?)["'`]""", re.IGNORECASE
)

# Attributes that make a browser fetch something, by tag; * stands for every other tag.
FETCHED = {
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "object": ("data",),
    "image": ("href", "xlink:href"),
    "use": ("href", "xlink:href"),
    "*": ("src", "poster", "background"),
}
# Kinds of <link> that only name an address.
NAMING_LINKS = {"canonical", "author", "license", "alternate", "next", "prev"}


@dataclass
class Page(HTMLParser):
    """Ids, links, fetched addresses and pictures without alt text of one HTML page."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    without_alt: list[str] = field(default_factory=list)
    _inside: str = ""

    def __post_init__(self):
        super().__init__()

    @classmethod
    def read(cls, html: str) -> "Page":
        """The page parsed from its HTML."""
        page = cls()
        page.feed(html)
        page.close()
        return page

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        self._inside = tag
        self.ids.update(attributes[key] for key in ("id", "name") if attributes.get(key) and tag != "meta")
        if tag in ("a", "area") and "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "link" and not NAMING_LINKS & set(attributes.get("rel", "").lower().split()):
            self.fetched.append(attributes.get("href", ""))
        if tag == "img" and not attributes.get("alt", "").strip():
            self.without_alt.append(attributes.get("src", "")[:80])
        if tag == "svg" and attributes.get("role") == "img" and not attributes.get("aria-label", "").strip():
            self.without_alt.append("drawn in the page")
        self.fetched += addresses(tag, attributes)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self._inside = ""

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside == "style":
            self.fetched += CSS_ADDRESS.findall(data)
        if self._inside == "script":
            self.fetched += SCRIPT_ADDRESS.findall(data)


def addresses(tag: str, attributes: dict[str, str]) -> list[str]:
    """The addresses a browser fetches for one tag."""
    found = []
    for key in FETCHED.get(tag, FETCHED["*"]):
        value = attributes.get(key, "")
        found += [part.split()[0] for part in value.split(",") if part.strip()] if key == "srcset" else [value]
    return [address for address in found if address] + CSS_ADDRESS.findall(attributes.get("style", ""))


def remote(fetched: list[str]) -> list[str]:
    """Those addresses that lie on the network."""
    return [address for address in fetched if REMOTE.match(address)]


def resolve(page: str, link: str) -> tuple[str, str] | None:
    """The file (a path in the site) and the anchor a link leads to; None for a link that leaves the site.

    Example:
    >>> resolve("book/intro.html", "../labs/02.html#recap")
    ('labs/02.html', 'recap')
    """
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    # join lets a path from the root win; normpath keeps the dots that lead out of the site.
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path))) if parts.path else page
    return path.lstrip("/"), unquote(parts.fragment)
