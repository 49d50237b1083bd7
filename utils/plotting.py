"""One style for every figure: curves and diagrams, colours by role, intervals, and alt text that stays with a figure.

The ground is transparent, so one picture must read on white and on #121212, the site's two grounds. No grey reaches
the 4.5 : 1 of running text on both: the grounds' own contrast is 18.7 : 1, and its square root, 4.33, is the most one
colour can keep towards each. INK has 4.35 and 4.30. Curves need 3 : 1, and every role has it on both grounds; the
lighter orange of the same palette (#E69F00, 2.25 on white) has not, so data are drawn in its vermilion. Each role has
its own line style and marker too, because colours of equal contrast are the same grey in print.

Source: colours from Okabe and Ito, Color Universal Design (2008); contrast by WCAG 2.2, relative luminance.
"""

import base64
import html
import io
from dataclasses import dataclass

from utils.errors import CourseError

INK = "#797979"
MODEL = "#0072B2"
DATA = "#D55E00"
MEASURED = INK
FORMULA = "#8A8A8A"
FAINT = "#79797955"

STYLES = {
    "model": {"color": MODEL, "linestyle": "-", "marker": "o"},
    "data": {"color": DATA, "linestyle": "-.", "marker": "s"},
    "measured": {"color": MEASURED, "linestyle": "-", "marker": "D"},
    "formula": {"color": FORMULA, "linestyle": "--", "marker": ""},
}

RC = {
    "svg.fonttype": "path",
    "svg.hashsalt": "course",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "font.size": 11,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
}
BLACK = (0.0, 0.0, 0.0)
SHORTEST_ALT = 25
# The site's theme puts a white box and a filter on pictures in dark mode unless they carry this class.
OWN_GROUND = "dark-light"


@dataclass(frozen=True)
class Picture:
    """A finished figure: its SVG and the sentence that stands for it."""

    svg: str
    alt: str

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.svg.encode()).decode()
        alt = html.escape(self.alt, quote=True)
        image = f'<img class="{OWN_GROUND}" alt="{alt}" src="data:image/svg+xml;base64,{data}">'
        return f'<figure class="course-figure">{image}</figure>'

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"


def new(width: float = 6.4, height: float = 3.6):
    """A figure with one pair of axes in the course's style.

    width, height: inches. Returns (figure, axes) of matplotlib; pyplot is not involved, so nothing stays open.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(RC):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.add_subplot()
        axes.tick_params(which="both", colors=INK)
        axes.set_prop_cycle(color=[MODEL, DATA, MEASURED])
        axes.set_axisbelow(True)
    return figure, axes


def line(axes, x, y, role: str, **options):
    """A curve in its role's colour, line style and marker.

    role: "model", "data", "measured" or "formula". options: passed to matplotlib's `plot`, and win.
    Raises CourseError for another role.
    """
    return axes.plot(x, y, **(_style(role) | options))[0]


def interval(axes, x, mean, low, high, role: str = "measured", **options):
    """Means with their intervals as vertical bars.

    x, mean, low, high: numbers or sequences of one length, low ≤ mean ≤ high.
    Raises CourseError when an interval does not contain its mean.
    """
    import numpy as np

    mean, low, high = (np.atleast_1d(np.asarray(values, dtype=float)) for values in (mean, low, high))
    if not ((low <= mean) & (mean <= high)).all():
        raise CourseError("Every interval must contain its mean, low ≤ mean ≤ high: check the order of the arguments.")
    style = _style(role) | {"capsize": 3} | options
    return axes.errorbar(np.atleast_1d(x), mean, yerr=np.stack([mean - low, high - mean]), **style)


def label(axes, x: float, y: float, text: str, role: str | None = None, **options):
    """Text at the data point (x, y), a few points to the right, in its role's colour."""
    color = _style(role)["color"] if role else INK
    place = {"xytext": (6, 0), "textcoords": "offset points", "va": "center", "color": color}
    return axes.annotate(text, (x, y), **(place | options))


def canvas(width: float, height: float, inches: float):
    """Axes without a frame, for a diagram of boxes and arrows.

    width, height: extent of the axes, in units of the caller's own. inches: height of the figure.
    Returns matplotlib's axes; their figure is `.figure`.
    """
    _, axes = new(height=inches)
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    return axes


def text(axes, x: float, y: float, words: str, **options) -> None:
    """Words with their middle at the data point (x, y). options: passed to matplotlib's `annotate`, and win."""
    label(axes, x, y, words, **({"xytext": (0, 0), "ha": "center"} | options))


def box(axes, x: float, y: float, width: float, height: float, words: str, role: str = "model", **options) -> None:
    """A tinted rectangle with its lower left corner at (x, y), in data units, and words in the middle.

    role: gives the colour, as in `line`. options: of the words, as in `text`.
    Raises CourseError for another role.
    """
    from matplotlib.patches import Rectangle

    color = _style(role)["color"]
    axes.add_patch(Rectangle((x, y), width, height, facecolor=(color, 0.12), edgecolor=color, lw=1.2))
    text(axes, x + width / 2, y + height / 2, words, **options)


def arrow(axes, start: tuple[float, float], end: tuple[float, float], **options) -> None:
    """An arrow between two data points. options: passed to matplotlib's `arrowprops`, and win."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": MEASURED, "lw": 1.5} | options)


def show(figure, alt: str) -> Picture:
    """The figure as the last value of a cell: vector, with alt text.

    alt: a sentence of at least 25 characters that gives the figure's answer, not its name.
    Returns a Picture that notebooks draw; the same figure always gives the same bytes.
    Raises CourseError when the alt text is missing or too short to answer anything.
    """
    words = " ".join(alt.split()) if isinstance(alt, str) else ""
    if len(words) < SHORTEST_ALT:
        raise CourseError(
            f"A figure needs alt text of at least {SHORTEST_ALT} characters, but {alt!r} came: "
            "write one sentence that says what the figure shows."
        )
    from matplotlib import rc_context

    _adopt_ink(figure)
    buffer = io.StringIO()
    with rc_context(RC):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return Picture(buffer.getvalue(), words)


def _style(role: str) -> dict[str, str]:
    if role not in STYLES:
        raise CourseError(f"A role must be one of {', '.join(STYLES)}, but {role!r} came: choose one of them.")
    return STYLES[role]


def _adopt_ink(figure) -> None:
    """Black text and lines, matplotlib's defaults, would vanish on a dark ground: draw them in INK."""
    from matplotlib.colors import to_rgb
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    for artist in figure.findobj(lambda a: isinstance(a, Text | Line2D)):
        if to_rgb(artist.get_color()) == BLACK:
            artist.set_color(INK)
    for legend in figure.findobj(Legend):
        legend.set_frame_on(False)
