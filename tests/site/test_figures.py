"""Figures on the pages: text is text, colours follow the theme with contrast, and a phone can show them large."""

import itertools
import re

import pytest

from tests.support import small_book
from tools.site import figures
from tools.site.html_page import Page
from utils import plotting

GROUNDS = {"light": (255, 255, 255), "dark": (18, 18, 18)}
STYLE = (small_book.ROOT / "book" / "_static" / "course.css").read_text(encoding="utf-8")
SCRIPT = (small_book.ROOT / "book" / "_static" / "figures.js").read_text(encoding="utf-8")


def drawn() -> list[plotting.Picture]:
    """A curve with a formula, a map of shades, and a diagram with small letters."""
    figure, axes = plotting.new()
    plotting.line(axes, [1, 10], [0.001, 1], "data")
    plotting.label(axes, 1, 0.01, 'Größe < "two"\nand more', "model", fontweight="bold")
    axes.set(yscale="log", xlabel="$x_1^2$ in steps")
    curve = plotting.show(figure, "A curve that rises from one to ten")
    figure, axes = plotting.new()
    axes.pcolormesh([[0.0, 0.5], [0.75, 1.0]], cmap="Blues", vmin=0, vmax=1)
    shades = plotting.show(figure, "Four shades, the last is the darkest")
    axes = plotting.canvas(10, 4, 2.0)
    plotting.box(axes, 1, 1, 3, 2, "encoder", fontsize=8)
    return [curve, shades, plotting.show(axes.figure, "One box, in which the word encoder stands")]


@pytest.fixture(scope="module")
def page() -> str:
    return figures.inline("".join(picture._repr_html_() for picture in drawn()))


def test_letters_are_text_and_no_picture_is_left(page):
    words = [re.sub("<.*?>", "", text) for text in re.findall(r"<text .*?</text>", page)]
    for expected in ("Größe &lt; &quot;two&quot;", "and more", "10−3", "encoder"):
        assert expected in words
    assert any(text.startswith("x") and text.endswith("in steps") for text in words)
    assert "<img" not in page
    assert "DejaVu" not in page
    assert page.count("</figure>") == page.count("<figure") == 3
    assert Page.read(page).without_alt == []
    assert 'font-weight="bold"' in page


def test_ids_are_used_once_and_every_reference_has_one(page):
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', page)) <= {
        pair for each in ids for pair in ((each, ""), ("", each))
    }


def test_colours_are_variables_and_shades_start_at_the_ground(page):
    assert set(re.findall(r"#[0-9a-f]{6}\b", page)) <= {"#ffffff"}
    shades = re.findall(r"fill: var\(--figure-model\); fill-opacity: ([\d.]+)", page)
    assert [float(shade) for shade in shades[:4]] == pytest.approx([0, 0.5, 0.75, 1], abs=0.01)


def test_letters_of_an_unknown_font_stay_as_they_are():
    outlined = '<!-- a --> <g transform="translate(1 2) scale(0.1 -0.1)"><use xlink:href="#Other-41"/></g>'
    assert figures.OUTLINED.sub(figures._text, outlined) == outlined


def luminance(colour) -> float:
    parts = [one / 255 for one in colour]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", GROUNDS)
def test_every_colour_has_contrast_on_its_ground_and_on_the_tint_of_a_box(theme):
    rules = re.findall(r"^html(\[data-theme=\"dark\"\])? \{([^}]*--figure[^}]*)\}", STYLE, re.MULTILINE)
    [block] = [inside for dark, inside in rules if bool(dark) == (theme == "dark")]
    named = dict(re.findall(r"--figure-(\w+): #([0-9a-f]{6})", block))
    assert set(named) == set(figures.COLOURS.values())
    colours = {name: tuple(bytes.fromhex(value)) for name, value in named.items()}
    for name, colour in colours.items():
        assert contrast(colour, GROUNDS[theme]) >= 4.5, name
    for ink, tint in itertools.product([colours["ink"]], colours.values()):
        ground = [0.12 * over + 0.88 * under for over, under in zip(tint, GROUNDS[theme], strict=True)]
        assert contrast(ink, ground) >= 4.5


@pytest.fixture
def shown(browser_page, page, tmp_path):
    """The figures on a page of their own, on a phone."""
    browser_page.set_viewport_size({"width": 360, "height": 640})
    (tmp_path / "a.html").write_text(
        f"<!DOCTYPE html><style>{STYLE}</style><body>{page}<script>{SCRIPT}</script>", encoding="utf-8"
    )
    browser_page.goto((tmp_path / "a.html").as_uri())
    return browser_page


@pytest.mark.slow
def test_on_a_phone_letters_are_readable_and_only_the_frame_scrolls(shown):
    sizes = shown.evaluate(
        """[...document.querySelectorAll("svg text")].map(
             (text) => text.getAttribute("font-size") * text.getScreenCTM().a || Infinity)"""
    )
    upright = [size for size in sizes if size > 1]
    assert len(upright) > 5
    assert min(upright) >= figures.READABLE_PX - 0.01
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for frame in shown.locator(".figure-frame").all():
        assert frame.get_attribute("tabindex") == "0"


@pytest.mark.slow
def test_a_figure_is_enlarged_by_touch_and_by_keyboard_and_comes_back(shown):
    for open_it in (lambda: shown.locator("svg").nth(1).click(), lambda: shown.keyboard.press("Enter")):
        shown.locator(".figure-enlarge").nth(1).focus()
        open_it()
        assert shown.locator("dialog[open] svg").get_attribute("aria-label").startswith("Four shades")
        assert shown.locator(":focus").text_content() == "Close"
        shown.keyboard.press("Escape")
        shown.wait_for_function("document.querySelectorAll('.figure-frame svg').length === 3")
        assert shown.locator("dialog[open]").count() == 0
