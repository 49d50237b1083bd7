"""Scripts, style sheets and the icon font of a built site, cut to what its pages use.

The theme brings 1.5 MB of script that draws every icon of Font Awesome, 400 kB of style, and a search index on every
page. What stays of the icons is a font of those that a style sheet names. It has a name of its own, because the
licence of Font Awesome's fonts (SIL OFL 1.1) keeps their name for fonts that nobody changed.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import tinycss2
from fontTools import subset
from fontTools.ttLib import TTFont

# A script is left out of a page that lacks the text which it works on; None stands for every page.
NEEDED_BY = {
    "fontawesome.js": None,
    "searchtools.js": 'id="search-results"',
    "language_data.js": 'id="search-results"',
    "searchindex.js": 'id="search-results"',
    "search.js": 'id="search-results"',
    "togglebutton.js": "dropdown admonition",
    "design-tabs.js": 'class="sd-tab',
    "quiz.js": 'class="quiz"',
    "claims.js": "claim-row",
    "live_model.js": 'class="live-model"',
    "figures.js": "figure-frame",
}
# A larger one holds data, such as the weights of a model.
LARGEST_SCRIPT_BYTES = 500_000
SCRIPT = re.compile(r'\s*<script[^>]* src="(?:[^"?]*/)?([^"/?]+)[^"]*"[^>]*></script>')
CLASSES = re.compile(r"""class=["']([^"']*)["']""")
WORD = re.compile(r"[A-Za-z_][\w-]*")
# What a selector needs: classes, but not those in brackets, which may be alternatives or exclusions.
BRACKETS = re.compile(r"\([^()]*\)")
NEEDED = re.compile(r"\.((?:\\.|[\w-])+)")
ICON = re.compile(r"\\(f[0-9a-f]{3})|([\uf000-\uf8ff])")
ICONS, ICON_FAMILY = "icons.woff", "Course icons"
LIBRARY = "vendor/fontawesome"
SOLID = "fa-solid-900"
NAMED = re.compile(r'"Font Awesome 6 Free"|Font Awesome\\ 6 Free')
UNUSED = (
    "scripts/fontawesome.js",
    "scripts/fontawesome.js.LICENSE.txt",
    "webpack-macros.html",
    "sbt-webpack-macros.html",
    "locales",
)


def without_unused_scripts(page: str) -> str:
    """A page without the scripts that have nothing to do on it."""

    def kept(tag: re.Match) -> str:
        mark = NEEDED_BY.get(tag[1], "")
        return tag[0] if mark is not None and mark in page else ""

    return SCRIPT.sub(kept, page)


def cut(site: Path, own: Path) -> None:
    """Cut the style sheets and the icon font of a site whose pages are finished, and remove what nothing names.

    own: the folder of this project's own files, whose style sheets stay: their scripts put names of classes together.
    """
    static = site / "_static"
    used = words(site)
    for path in sorted(static.rglob("*.css")):
        if (own / path.relative_to(static)).exists():
            continue
        path.write_text(_sheet(path.read_text(encoding="utf-8"), used), encoding="utf-8")
    _cut_icons(static)
    for path in [*site.rglob("*.map"), *(static / name for name in UNUSED), static / LIBRARY]:
        _remove(path)


def words(site: Path) -> set[str]:
    """The classes of every page, and every word of every script, which may set any of them."""
    found: set[str] = set()
    for path in site.rglob("*.html"):
        for value in set(CLASSES.findall(path.read_text(encoding="utf-8"))):
            found.update(value.split())
    for path in (site / "_static").rglob("*.js"):
        # The live model's numbers are 19 MB of base64.
        if NEEDED_BY.get(path.name, "") is not None and path.parent.name != "course_model":
            found.update(WORD.findall(path.read_text(encoding="utf-8", errors="replace")))
    return found


def _sheet(text: str, used: set[str]) -> str:
    return "\n".join(_rules(tinycss2.parse_stylesheet(text, skip_whitespace=True), used)) + "\n"


def _rules(rules: list, used: set[str]) -> Iterator[str]:
    """The rules that some page may need, as text; licences stay."""
    for rule in rules:
        if rule.type == "comment":
            if rule.value.startswith("!"):
                yield rule.serialize()
        elif rule.type == "qualified-rule":
            selectors = [one for one in _selectors(rule.prelude) if _may_match(one, used)]
            if selectors:
                yield f"{','.join(selectors)}{{{tinycss2.serialize(rule.content).strip()}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports") and rule.content is not None:
            inside = list(_rules(tinycss2.parse_rule_list(rule.content, skip_whitespace=True), used))
            if inside:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{''.join(inside)}}}"
        elif not _is_library_font(rule):
            yield rule.serialize()


def _selectors(prelude: list) -> Iterator[str]:
    """The alternatives of a rule; a comma inside brackets separates none."""
    waiting: list = []
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            yield tinycss2.serialize(waiting).strip()
            waiting = []
        elif token.type != "comment":
            waiting.append(token)
    yield tinycss2.serialize(waiting).strip()


def _may_match(selector: str, used: set[str]) -> bool:
    """Whether every class that the selector asks for is somewhere on the site.

    Example:
    >>> _may_match("div.a > p:not(.b, .c)", {"a"}), _may_match(".a .b", {"a"})
    (True, False)
    """
    while BRACKETS.search(selector):
        selector = BRACKETS.sub("", selector)
    return all(name.replace("\\", "") in used for name in NEEDED.findall(selector))


def _is_library_font(rule) -> bool:
    """A face of Font Awesome that is not the one of the theme's icons."""
    if rule.type != "at-rule" or rule.lower_at_keyword != "font-face":
        return False
    face = tinycss2.serialize(rule.content)
    return LIBRARY in face and not (SOLID in face and NAMED.search(face))


def _cut_icons(static: Path) -> None:
    source = static / LIBRARY / "webfonts" / f"{SOLID}.ttf"
    if not source.exists():
        return
    icons = set()
    for path in sorted(static.rglob("*.css")):
        text = path.read_text(encoding="utf-8")
        icons |= {int(code, 16) if code else ord(letter) for code, letter in ICON.findall(text)}
        face = rf"src:\s*url\([^)]*{SOLID}\.woff2\)[^;}}]*"
        text = re.sub(face, f'src:url({ICONS}) format("woff")', text)
        path.write_text(NAMED.sub(f'"{ICON_FAMILY}"', text), encoding="utf-8")
    font = TTFont(source)
    cutter = subset.Subsetter(subset.Options(name_IDs=[0, 1, 2, 13, 14], notdef_outline=True))
    cutter.populate(unicodes=icons)
    cutter.subset(font)
    font["name"].setName(ICON_FAMILY, 1, 3, 1, 0x409)
    font.flavor = "woff"
    font.save(static / "styles" / ICONS)


def _remove(path: Path) -> None:
    if path.is_dir():
        for each in path.iterdir():
            _remove(each)
        path.rmdir()
    elif path.exists():
        path.unlink()
