"""The class report's two figures, through utils.plotting; their alt texts give the answer in numbers."""

from collections.abc import Sequence

import numpy as np

from grader.class_report.item_analysis import Item
from grader.results.sanitize import counted, has_all_points, number
from utils import plotting
from utils.plotting import Picture

MAX_BARS = 20


def distribution(earned: Sequence[float], points: float) -> Picture:
    """How many submissions have how many points."""
    figure, axes = plotting.new(height=3.0)
    edges = bins(points)
    # Clipped: a private check may give more than the lab's own points, and rounding a little more than all.
    heights, _ = np.histogram(np.clip(earned, 0, points), edges)
    axes.bar(edges[:-1], heights, np.diff(edges) * 0.9, align="edge", color=plotting.MODEL)
    _centre_ticks(axes, edges)
    axes.set_xlabel("points")
    axes.set_ylabel("submissions")
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="x", visible=False)
    low, middle, high = np.quantile(earned, (0.25, 0.5, 0.75))
    full_count = sum(has_all_points(value, points) for value in earned)
    zero_count = sum(value <= 0 for value in earned)
    return plotting.show(
        figure,
        f"Points of {counted(len(earned), 'submission')}: median {number(middle)} of {number(points)}, the middle half "
        f"from {number(low)} to {number(high)}; {full_count} with all points, {zero_count} with none.",
    )


def difficulty(items: Sequence[Item]) -> Picture:
    """Mean share of the points of each exercise, with its interval."""
    figure, axes = plotting.new(height=1.2 + 0.4 * len(items))
    # The first exercise on top, where the y axis is greatest.
    heights = np.arange(len(items))[::-1]
    for height, item in zip(heights, items, strict=True):
        axes.plot([item.low, item.high], [height, height], color=plotting.INK)
        axes.plot([item.share], [height], color=plotting.DATA, marker="s", linestyle="")
    axes.set_yticks(heights, [item.name for item in items])
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.6, len(items) - 0.4)
    axes.set_xlabel("mean share of the points, with 95 % interval")
    axes.grid(axis="y", visible=False)
    shares = "; ".join(f"{item.name} {item.share:.0%}" for item in items)
    return plotting.show(figure, f"Mean share of the points by exercise: {shares}.")


def bins(points: float) -> np.ndarray:
    """Edges of the bars: one bar for each whole number of points where they are few, else MAX_BARS equal ones.

    >>> bins(2).tolist()
    [-0.5, 0.5, 1.5, 2.5]
    """
    if points <= MAX_BARS and points == int(points):
        return np.arange(int(points) + 2) - 0.5
    return np.linspace(0, points, MAX_BARS + 1)


def _centre_ticks(axes, edges: np.ndarray) -> None:
    # Bars of whole numbers, whose edges lie half a point beside them; more than 13 labels would touch each other.
    if edges[0] < 0:
        axes.set_xticks(np.arange(0, len(edges) - 1, 1 if len(edges) < 14 else 2))
