"""The figures of the pages, written into them: colours of the reader's theme, text as text, one way to enlarge them.

utils.plotting draws in colours that both grounds can bear, and outlines its letters. On a page both can be better:
each colour becomes a variable that the style sheet sets for either theme, and outlines become text again, which can
be searched, scaled and read at any size.
"""

import base64
import html
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import matplotlib
from fontTools.ttLib import TTFont
from matplotlib import colormaps
from matplotlib.colors import to_hex

from utils import plotting

IMAGE = re.compile(
    r'<figure class="course-figure"><img class="[^"]*" alt="([^"]*)" src="data:image/svg\+xml;base64,([^"]+)"\s*/?>'
)
COLOURS = {
    plotting.INK: "ink",
    plotting.MODEL: "model",
    plotting.DATA: "data",
    plotting.FORMULA: "formula",
    "#000000": "ink",
}
PAINT = re.compile(r"\b(fill|stroke): (#[0-9a-fA-F]{6})\b")
# A sequential map of the library goes from the ground to the model's colour.
SHADES = "Blues"
HEAD = re.compile(r"^.*?(?=<svg )|<metadata>.*?</metadata>\s*|<style .*?</style>\s*", re.DOTALL)
SIZE = re.compile(r'<svg [^>]*?viewBox="([^"]*)"[^>]*>')
SIZES = re.compile(r'<text [^>]*?font-size="([\d.]+)"')
NAMES = re.compile(r'(\bid="|href="#|url\(#)')
# One run of outlined letters, as matplotlib 3.11 writes it: the words as a comment, then one <use> for each glyph.
OUTLINED = re.compile(
    r"<!-- (?P<words>.*?) -->\s*<g (?:style=\"(?P<style>[^\"]*)\" )?"
    r"transform=\"(?P<move>[^\"]*?) ?scale\((?P<scale>[\d.]+) -[\d.]+\)\"[^>]*>(?P<glyphs>.*?)\s*</g>",
    re.DOTALL,
)
GLYPH = re.compile(r'<use xlink:href="#([A-Za-z]+)(?:-(Bold|Oblique))?-([0-9a-f]+)"(?: transform="([^"]*)")?/>')
PLACE = re.compile(r"translate\(([-\d.]+)(?: ([-\d.]+))?\)(?: scale\(([\d.]+)\))?")
FAMILIES = {"DejaVuSans": "", "DejaVuSansMono": "monospace"}
# Units of matplotlib's outlines for a font size; the size that can be read; how small an exponent gets beside it.
UNITS, READABLE_PX, EXPONENT = 100, 11, 0.8


def inline(page: str) -> str:
    """A page whose figures are part of it."""
    places = iter(range(page.count('class="course-figure"')))
    return IMAGE.sub(lambda found: _figure(found[1], base64.b64decode(found[2]).decode(), next(places)), page)


def _figure(alt: str, svg: str, place: int) -> str:
    """The opening of a figure; what follows it on the page closes it.

    The narrowest that the drawing gets is the width at which its smallest letters are READABLE_PX high; the frame
    scrolls where that is wider than the page.
    """
    svg = themed(OUTLINED.sub(_text, HEAD.sub("", svg))).replace("xlink:href", "href")
    svg = NAMES.sub(rf"\1f{place}-", svg)
    width = float(SIZE.search(svg)[1].split()[2])
    smallest = min(map(float, SIZES.findall(svg)), default=READABLE_PX)
    least = width * READABLE_PX / min(smallest, READABLE_PX)
    opening = (
        f'<svg role="img" aria-label="{alt}" viewBox="{SIZE.search(svg)[1]}" '
        f'style="--widest: {width * 4 / 3:.0f}px; --narrowest: {least:.0f}px">'
    )
    drawing = SIZE.sub(lambda _: opening, svg, count=1).strip()
    return f'<figure class="course-figure"><div class="figure-frame">{drawing}</div>'


def themed(svg: str) -> str:
    """A drawing whose colours are variables of the page."""

    def paint(found: re.Match) -> str:
        kind, colour = found[1], found[2]
        if role := _roles().get(colour.lower()):
            return f"{kind}: var(--figure-{role})"
        if (shade := _shades().get(colour.lower())) is not None:
            return f"{kind}: var(--figure-model); {kind}-opacity: {shade:.2f}"
        return found[0]

    return PAINT.sub(paint, svg)


@cache
def _roles() -> dict[str, str]:
    return {colour.lower(): role for colour, role in COLOURS.items()}


@cache
def _shades() -> dict[str, float]:
    colours = colormaps[SHADES]
    return {to_hex(colours(step)): step / (colours.N - 1) for step in range(colours.N)}


def _text(found: re.Match) -> str:
    """A run of letters as text, or as it was where one of them is of an unknown font."""
    glyphs = list(_glyphs(found["glyphs"]))
    if not glyphs or len(glyphs) != found["glyphs"].count("<use "):
        return found[0]
    size = float(found["scale"]) * UNITS
    family, weight = glyphs[0]["family"], glyphs[0]["style"]
    width = max(glyph["x"] + glyph["advance"] for glyph in glyphs) * float(found["scale"])
    words = html.unescape(found["words"])
    marks = _formula(glyphs, size) if "$" in words else html.escape("".join(glyph["letter"] for glyph in glyphs))
    attributes = f' font-family="{family}"' if family else ""
    attributes += ' font-weight="bold"' if weight == "Bold" else ' font-style="italic"' if weight == "Oblique" else ""
    paint = f' style="{found["style"]}"' if found["style"] else ""
    middle = f'x="{width / 2:.2f}" text-anchor="middle"'
    return f'<text transform="{found["move"]}" {middle} font-size="{size:g}"{attributes}{paint}>{marks}</text>'


def _glyphs(drawn: str) -> Iterator[dict]:
    for font, style, number, transform in GLYPH.findall(drawn):
        if font not in FAMILIES:
            continue
        place = PLACE.match(transform)
        letter, advance = _letters(font, style)[int(number, 16)]
        scale = float(place[3]) if place and place[3] else 1.0
        yield {
            "family": FAMILIES[font],
            "style": style,
            "letter": letter,
            "x": float(place[1]) if place else 0.0,
            "y": float(place[2] or 0) if place else 0.0,
            "scale": scale,
            "advance": advance * scale,
        }


def _formula(glyphs: list[dict], size: float) -> str:
    """Letters of a formula, raised, lowered, small or slanted as they were."""
    parts, before = [], 0.0
    for glyph in glyphs:
        raised = glyph["y"] if glyph["scale"] < 1 else 0.0
        shift = (before - raised) / UNITS * size
        before = raised
        kind = f' dy="{shift:.2f}"' if abs(shift) > 0.01 else ""
        kind += f' font-size="{size * max(glyph["scale"], EXPONENT):.3g}"' if glyph["scale"] < 1 else ""
        kind += ' font-style="italic"' if glyph["style"] == "Oblique" else ""
        letter = html.escape(glyph["letter"])
        if parts and parts[-1][0] == kind and not shift:
            parts[-1][1] += letter
        else:
            parts.append([kind, letter])
    return "".join(f"<tspan{kind}>{letters}</tspan>" if kind else letters for kind, letters in parts)


@cache
def _letters(font: str, style: str) -> dict[int, tuple[str, float]]:
    """Letter and advance, in UNITS of a font size, by the number of the glyph."""
    name = f"{font}-{style}.ttf" if style else f"{font}.ttf"
    with TTFont(Path(matplotlib.get_data_path(), "fonts", "ttf", name)) as file:
        letters = {glyph: chr(code) for code, glyph in reversed(file.getBestCmap().items())}
        unit = UNITS / file["head"].unitsPerEm
        metrics = file["hmtx"].metrics
        order = file.getGlyphOrder()
        return {number: (letters.get(glyph, ""), metrics[glyph][0] * unit) for number, glyph in enumerate(order)}
