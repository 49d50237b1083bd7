"""Figures: contrast by the published formula, alt text, the same bytes twice, and no trace left behind."""

import base64
import re
import subprocess
import sys
from xml.etree import ElementTree

import matplotlib as mpl
import pytest

from utils import plotting
from utils.errors import CourseError
from utils.runtime import project_root

GROUNDS = ("#ffffff", "#121212", "#14181e", "#111111")
ALT = "The score rises from 0.3 to 0.6 with one example."


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def picture():
    figure, axes = plotting.new()
    plotting.line(axes, [0, 1, 2], [0.3, 0.6, 0.5], "model")
    plotting.line(axes, [0, 1, 2], [0.2, 0.4, 0.6], "formula")
    plotting.interval(axes, [0, 1, 2], [0.3, 0.6, 0.5], [0.2, 0.5, 0.4], [0.4, 0.7, 0.6])
    plotting.label(axes, 2, 0.5, "course model", "model")
    axes.set_xlabel("examples in the prompt")
    axes.text(0, 0, "written without a colour")
    axes.axvline(1, color="black")
    axes.legend(["a", "b"])
    return figure


def test_contrast_formula_by_hand():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_no_grey_reaches_text_contrast_on_both_grounds_and_ink_is_the_best():
    greys = [f"#{v:02x}{v:02x}{v:02x}" for v in range(256)]
    worst = {grey: min(contrast(grey, ground) for ground in GROUNDS[:2]) for grey in greys}
    assert max(worst.values()) < 4.5
    assert max(worst, key=worst.get) == plotting.INK


@pytest.mark.parametrize("role", plotting.STYLES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_role_reads_on_both_grounds(role, ground):
    assert contrast(plotting.STYLES[role]["color"], ground) >= 3


def test_roles_differ_without_colour():
    looks = {(style["linestyle"], style["marker"]) for style in plotting.STYLES.values()}
    assert len(looks) == len(plotting.STYLES)


def test_same_figure_gives_the_same_bytes():
    first, second = (plotting.show(picture(), ALT) for _ in range(2))
    assert first.svg == second.svg
    assert "<dc:date>" not in first.svg


def test_svg_is_transparent_and_holds_no_black():
    svg = plotting.show(picture(), ALT).svg
    ElementTree.fromstring(svg)
    colours = {c.lower() for c in re.findall(r"(?:stroke|fill): (#[0-9a-fA-F]{6})", svg)}
    assert colours <= {c.lower() for c in (plotting.INK, plotting.MODEL, plotting.DATA, plotting.FORMULA)}
    assert not re.search(r"(?:stroke|fill): (?:black|white)", svg)


def test_html_carries_alt_text_and_the_whole_svg():
    shown = plotting.show(picture(), '  A "quoted" <b> answer,\n with odd spaces. ')
    markup = shown._repr_html_()
    element = ElementTree.fromstring(markup.replace("></figure>", "/></figure>"))
    image = element.find("img")
    assert element.get("class") == "course-figure"
    assert image.get("alt") == 'A "quoted" <b> answer, with odd spaces.'
    assert image.get("class") == "dark-light"
    assert base64.b64decode(image.get("src").split(",")[1]).decode() == shown.svg
    assert repr(shown) == f"Figure: {shown.alt}"


def test_a_box_holds_its_words_in_the_middle():
    axes = plotting.canvas(10, 4, 2.0)
    plotting.box(axes, 1, 1, 3, 2, "encoder", "data", fontsize=8)
    axes.figure.draw_without_rendering()
    box, words = axes.patches[0].get_window_extent(), axes.texts[0].get_window_extent()
    assert ((words.x0 + words.x1) / 2, (words.y0 + words.y1) / 2) == pytest.approx(
        ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2), abs=1
    )
    assert box.contains(words.x0, words.y0)
    assert box.contains(words.x1, words.y1)
    assert mpl.colors.same_color(axes.patches[0].get_edgecolor(), plotting.DATA)
    assert axes.texts[0].get_fontsize() == 8


def test_an_arrow_leads_from_start_to_end_on_axes_without_a_frame():
    axes = plotting.canvas(10, 4, 2.0)
    plotting.arrow(axes, (4, 2), (6, 3), lw=1)
    axes.figure.draw_without_rendering()
    tail, head = (axes.transData.transform(point) for point in ((4, 2), (6, 3)))
    drawn = axes.texts[0].arrow_patch.get_window_extent()
    # Both ends keep some dots of distance, and the head has a width; the points are 126 and 50 dots apart.
    assert (drawn.x0, drawn.x1) == pytest.approx((tail[0], head[0]), abs=10)
    assert (drawn.y0, drawn.y1) == pytest.approx((tail[1], head[1]), abs=10)
    assert not axes.axison


@pytest.mark.parametrize("alt", ["", "   ", "A plot.", None, 3])
def test_figure_without_alt_text_is_refused(alt):
    with pytest.raises(CourseError, match="alt text of at least 25 characters"):
        plotting.show(picture(), alt)


def test_interval_must_hold_its_mean():
    _, axes = plotting.new()
    with pytest.raises(CourseError, match="contain its mean"):
        plotting.interval(axes, 0, 0.5, 0.6, 0.7)


@pytest.mark.parametrize("draw", [plotting.line, lambda axes, *at: plotting.box(axes, 0, 0, 1, 1, "", at[-1])])
def test_unknown_role_is_refused(draw):
    with pytest.raises(CourseError, match="role must be one of"):
        draw(plotting.new()[1], [0], [0], "legend")


def test_drawing_leaves_matplotlib_as_it_was():
    before = dict(mpl.rcParams)
    plotting.show(picture(), ALT)
    assert dict(mpl.rcParams) == before


def test_import_loads_no_matplotlib():
    code = "import sys, utils.plotting; assert not {'matplotlib', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=project_root())


def test_size_in_inches():
    root = ElementTree.fromstring(plotting.show(plotting.new()[0], ALT).svg)
    assert (root.get("width"), root.get("height")) == ("460.8pt", "259.2pt")
