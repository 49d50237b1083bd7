"""Small pictures of the course's subjects, one a chapter, and the map of what needs what: SVG in the theme's colours.

Each is computed from the rule that its chapter teaches. The pictures are ornaments beside a question in words; the map
has a description.
"""

import math
import textwrap
from collections.abc import Callable, Iterable
from html import escape

from tools.site.sphinx.plan import Chapter
from utils.costs import scaling_laws

WIDTH, HEIGHT = 160, 90
# Of the map: a column and a row, a box in them, and the letters of a line that the box has room for.
COLUMN, ROW, BOX, LINE = 162, 78, 134, 19
INK, MODEL, DATA = (f"var(--figure-{role})" for role in ("ink", "model", "data"))


def picture(number: int) -> str:
    """The picture of a chapter, or nothing where none is drawn for it."""
    draw = PICTURES.get(number)
    if not draw:
        return ""
    inside = "".join(draw())
    return f'<svg class="course-picture" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{inside}</svg>'


def _box(x, y, width, height, colour=MODEL, opacity=1.0) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="1.5"'
    return f'<rect {place} style="fill: {colour}; fill-opacity: {opacity:.2f}"/>'


def _line(points: Iterable[tuple[float, float]], colour=MODEL, width=2.0, dashes="") -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f" stroke-dasharray: {dashes};" if dashes else ""
    return f'<polyline points="{places}" style="fill: none; stroke: {colour};{dashed} stroke-width: {width}"/>'


def _dot(x, y, radius, colour=MODEL, opacity=1.0) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" style="fill: {colour}; fill-opacity: {opacity:.2f}"/>'


def softmax(scores: list[float], temperature: float = 1.0) -> list[float]:
    """The weights of some scores."""
    powers = [math.exp(score / temperature) for score in scores]
    return [power / sum(powers) for power in powers]


def attention() -> Iterable[str]:
    """Seven tokens look back, mostly at near ones and at the third, each row a softmax."""
    for row in range(7):
        weights = softmax([-0.7 * (row - column) + 2.2 * (column == 2) for column in range(row + 1)])
        for column, weight in enumerate(weights):
            yield _box(40 + column * 12, 4 + row * 12, 10.5, 10.5, DATA if column == 2 else MODEL, 0.12 + 0.88 * weight)


def prompts() -> Iterable[str]:
    """Prompts with zero, one and three examples before the question, and an answer after it."""
    for row, examples in enumerate((0, 1, 3)):
        y = 14 + row * 24
        for place in range(examples):
            yield _box(12 + place * 26, y, 22, 14, INK, 0.35)
        yield _box(12 + examples * 26, y, 28, 14)
        yield _box(44 + examples * 26, y, 12, 14, DATA)


def temperatures() -> Iterable[str]:
    """The same six logits at temperatures 0.5 and 2."""
    logits = [2.0, 1.4, 0.9, 0.3, -0.2, -0.8]
    for left, temperature, colour in ((10, 0.5, MODEL), (88, 2.0, DATA)):
        for place, share in enumerate(softmax(logits, temperature)):
            yield _box(left + place * 11, 82 - 74 * share, 9, 74 * share, colour)


def gates() -> Iterable[str]:
    """Five stages in a row, and a way back from the fourth to the second."""
    places = [18 + step * 31 for step in range(5)]
    yield _line([(places[0], 56), (places[-1], 56)], INK)
    arc = [(places[1] + (places[3] - places[1]) * t / 20, 56 - 40 * math.sin(math.pi * t / 20)) for t in range(21)]
    yield _line(arc, DATA, dashes="4 3")
    for step, x in enumerate(places):
        yield _dot(x, 56, 8, DATA if step == 4 else MODEL)


def masks() -> Iterable[str]:
    """Lines of words of which every seventh or so is hidden."""
    for row in range(4):
        x = 12.0
        for word in range(6):
            width = 12 + (row * 5 + word * 7) % 14
            yield _box(x, 12 + row * 19, width, 11, *((DATA, 1.0) if (row * 6 + word) % 7 == 3 else (INK, 0.35)))
            x += width + 4


def steps() -> Iterable[str]:
    """A wave, and the same wave in eight levels, which three bits can name."""
    wave = [(x, math.sin(2 * math.pi * x / 150)) for x in range(151)]
    yield _line([(5 + x, 45 - 36 * y) for x, y in wave], MODEL)
    levels = [(x, (min(math.floor(4 * y), 3) + 0.5) / 4) for x, y in wave]
    yield _line([(5 + x, 45 - 36 * y) for x, y in levels], DATA)


def ring() -> Iterable[str]:
    """Four workers in a ring, each with its quarter of a model."""
    centres = [(80 + 44 * math.sin(turn), 45 - 28 * math.cos(turn)) for turn in (math.pi / 2 * k for k in range(4))]
    yield f'<ellipse cx="80" cy="45" rx="44" ry="28" style="fill: none; stroke: {INK}; stroke-width: 2"/>'
    for worker, (x, y) in enumerate(centres):
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="13" style="fill: var(--pst-color-background); stroke: {INK}"/>'
        for part in range(4):
            yield _box(x - 9 + part * 4.7, y - 6, 3.8, 12, *((DATA, 1.0) if part == worker else (MODEL, 0.25)))


def valleys() -> Iterable[str]:
    """Loss over size for three budgets, by the law of the Chinchilla paper, and the line through the lowest points."""
    law, lowest = scaling_laws.CHINCHILLA, []
    for flops in (1e19, 1e20, 1e21):
        sizes = [10 ** (7.2 + 3.2 * step / 60) for step in range(61)]
        curve = [(n, law.E + law.A / n**law.alpha + law.B / (flops / (6 * n)) ** law.beta) for n in sizes]
        places = [(8 + 144 * (math.log10(n) - 7.2) / 3.2, 86 - 60 * (loss - 2.2)) for n, loss in curve]
        yield _line([(x, y) for x, y in places if y > 4])
        lowest.append(max(places, key=lambda place: place[1]))
    yield _line(lowest, DATA, dashes="4 3")
    for x, y in lowest:
        yield _dot(x, y, 4, DATA)


def mixtures() -> Iterable[str]:
    """Five mixtures of two kinds of text, from none to all."""
    for place in range(5):
        share = place / 4
        yield _box(14 + place * 28, 10, 20, 70 * (1 - share), MODEL, 0.8)
        yield _box(14 + place * 28, 10 + 70 * (1 - share), 20, 70 * share, DATA, 0.8)


PICTURES: dict[int, Callable[[], Iterable[str]]] = {
    1: attention,
    2: prompts,
    3: temperatures,
    4: gates,
    5: masks,
    6: steps,
    7: ring,
    8: valleys,
    9: mixtures,
}


def levels(chapters: dict[int, Chapter]) -> dict[int, int]:
    """How many chapters at least come before each, one after the other."""
    found: dict[int, int] = {}
    for number, chapter in sorted(chapters.items()):
        found[number] = max((found[need] + 1 for need in chapter.needs if need in found), default=0)
    return found


def plan_map(chapters: dict[int, Chapter]) -> str:
    """What needs what: a box for each chapter, to the right of all that it needs."""
    column, rows = levels(chapters), {}
    # Beside those that need them: fewer lines cross.
    for number in sorted(chapters, key=lambda one: min(_needing(chapters, one), default=one)):
        rows.setdefault(column[number], []).append(number)
    width, height = COLUMN * len(rows), ROW * max(map(len, rows.values()))
    place = {
        number: (COLUMN * (level + 0.5), height * (row + 0.5) / len(numbers))
        for level, numbers in rows.items()
        for row, number in enumerate(numbers)
    }
    parts = []
    for number, chapter in chapters.items():
        x, y = place[number]
        # A line that others make needless is left out.
        implied = {further for need in chapter.needs for further in chapters[need].needs}
        for need in set(chapter.needs) - implied:
            start, middle = place[need][0] + BOX / 2, (place[need][0] + x) / 2
            curve = (
                f"M {start} {place[need][1]:.0f} C {middle} {place[need][1]:.0f} {middle} {y:.0f} {x - BOX / 2} {y:.0f}"
            )
            parts.append(f'<path d="{curve}" style="fill: none; stroke: {INK}; stroke-width: 1.5"/>')
            parts.append(f'<path d="M {x - BOX / 2} {y:.0f} l -8 -4 v 8 z" style="fill: {INK}"/>')
    for number, chapter in chapters.items():
        x, y = place[number]
        parts.append(
            f'<rect x="{x - BOX / 2}" y="{y - 32:.0f}" width="{BOX}" height="64" rx="6" '
            f'style="fill: {MODEL}; fill-opacity: 0.12; stroke: {MODEL}"/>'
        )
        for line, words in enumerate([f"{number:02d}", *textwrap.wrap(chapter.title, LINE)]):
            parts.append(
                f'<text x="{x}" y="{y - 12 + 17 * line:.0f}" text-anchor="middle" font-size="12" '
                f'style="fill: {INK}; font-weight: {400 if line else 700}">{escape(words)}</text>'
            )
    needs = "; ".join(
        f"chapter {number} needs {' and '.join(map(str, chapter.needs)) or 'none before it'}"
        for number, chapter in chapters.items()
    )
    return (
        '<figure class="course-figure"><div class="figure-frame">'
        f'<svg role="img" aria-label="What needs what: {needs}." '
        f'viewBox="0 0 {width} {height}" style="--widest: {width}px; --narrowest: {width * 11 / 12:.0f}px">'
        f"{''.join(parts)}</svg></div></figure>"
    )


def _needing(chapters: dict[int, Chapter], number: int) -> list[int]:
    return [one for one, chapter in chapters.items() if number in chapter.needs]
