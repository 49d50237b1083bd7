"""Boxes, arrows and words on a plain surface, for figures that show how parts are connected."""

from utils import plotting


def canvas(width: float, height: float, inches: float):
    """Axes without frame: `width` by `height` units, `inches` high. The figure is `.figure` of what is returned."""
    _, axes = plotting.new(height=inches)
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    return axes


def words(axes, x: float, y: float, text: str, **options) -> None:
    """Text with its middle at (x, y)."""
    plotting.label(axes, x, y, text, **({"xytext": (0, 0), "ha": "center"} | options))


def box(axes, x: float, y: float, width: float, height: float, text: str, role: str = "model", **options) -> None:
    """A tinted rectangle with its lower left corner at (x, y) and text in the middle."""
    from matplotlib.patches import Rectangle

    colour = plotting.STYLES[role]["color"]
    axes.add_patch(Rectangle((x, y), width, height, facecolor=(colour, 0.12), edgecolor=colour, lw=1.2))
    words(axes, x + width / 2, y + height / 2, text, **options)


def arrow(axes, start: tuple[float, float], end: tuple[float, float], **options) -> None:
    """An arrow from one point to another."""
    style = {"arrowstyle": "->", "color": plotting.MEASURED, "lw": 1.5} | options
    axes.annotate("", end, start, arrowprops=style)
