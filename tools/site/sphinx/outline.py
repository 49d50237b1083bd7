"""A Sphinx extension for what stands around the lessons: the front page's proofs and cards, the plan of the course, the
head and the end of a chapter, the strip of a lab, and the fold of each set-up cell.

All of it comes from the sources, by plan.py; the only file of its own is book/plan.yml.
"""

import json
import re
import tomllib
from datetime import date
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from tools.site import pages
from tools.site.sphinx import claims, pictures, plan, records
from tools.site.sphinx.plan import Chapter, Lab
from utils import units

ROOT = Path(__file__).resolve().parents[3]
# All labs as students get them, in one file; the site's builder puts it there.
LABS_ZIP = "_static/llm-foundations-labs.zip"
SET_UP, FIGURE = "runtime.start(", 'class="course-figure"'
SHOWN_PACKAGES = ("torch", "transformers", "numpy")
HEADING = "</h1>"
FIRST_PARAGRAPH = re.compile(r"</h1>\s*(<p>.*?</p>)", re.DOTALL)
BOX = re.compile(r"<blockquote>.*?</blockquote>", re.DOTALL)
LAUNCHERS = {
    "Binder": "https://mybinder.org/v2/gh/{owner}/{name}/{branch}?labpath={page}.ipynb",
    "Colab": "https://colab.research.google.com/github/{owner}/{name}/blob/{branch}/{page}.ipynb",
    "Studio Lab": "https://studiolab.sagemaker.aws/import/github/{owner}/{name}/blob/{branch}/{page}.ipynb",
}


def hours(minutes: int) -> str:
    """Minutes as hours, with a half at most.

    Example:
    >>> hours(140), hours(30)
    ('2½', '½')
    """
    whole, half = divmod(round(minutes / 30), 2)
    return f"{whole or ''}{'½' if half else ''}" or "½"


def proofs(root: Path, course: Path) -> list[tuple[str, str, str]]:
    """Three numbers, what they count, and the page behind them. course: the repository, which has the wrong answers."""
    checked = claims.read(root / claims.FILE) if (root / claims.FILE).exists() else {}
    cells = sum(
        bool(cell["source"].strip())
        for notebook in pages.notebooks(root).values()
        for cell in pages.code_cells(notebook)
    )
    labs = [chapter.lab for chapter in plan.read(root).values() if chapter.lab]
    wrong = len(list(course.glob("tests/mutants/*/*/*.py")))
    failed = sum(claim.finding != "holds" for claim in checked.values())
    return [
        (
            f"{len(checked)}",
            f"claims of lectures checked, of which {failed} do not hold as stated",
            "book/lectures_checked",
        ),
        (f"{cells:,}", "code cells run to build these pages; every printed number comes out of one", ""),
        (
            f"{sum(lab.exercises for lab in labs)}",
            f"graded exercises, whose checks were tried on {wrong} wrong answers and caught each",
            "",
        ),
    ]


class ProofsDirective(SphinxDirective):
    """What the course can show for itself, in three numbers."""

    def run(self):
        link = self.env.app.builder.get_relative_uri
        shown = []
        for number, words, page in proofs(Path(self.env.srcdir), ROOT):
            there = page and page in self.env.found_docs
            words = f'<a href="{link(self.env.docname, page)}">{words}</a>' if there else words
            shown.append(f"<li><strong>{number}</strong> {words}</li>")
        return [nodes.raw("", f'<ul class="course-proofs">{"".join(shown)}</ul>', format="html")]


class CardsDirective(SphinxDirective):
    """A card for each chapter: number, question, picture, minutes."""

    def run(self):
        link = self.env.app.builder.get_relative_uri
        cards = []
        for number, chapter in _course(self).items():
            lab = f" + lab {chapter.lab.minutes} min" if chapter.lab else ""
            cards.append(
                f'<li><a class="course-card" href="{link(self.env.docname, chapter.page)}" data-page="{chapter.page}">'
                f'{pictures.picture(number)}<span class="card-title">{number:02d} {escape(chapter.title)}</span>'
                f'<span class="card-question">{escape(chapter.question)}</span>'
                f'<span class="card-time">{chapter.minutes} min{lab}</span></a></li>'
            )
        return [nodes.raw("", f'<ul class="course-cards">{"".join(cards)}</ul>', format="html")]


class PlanDirective(SphinxDirective):
    """The course by weeks, and a map of what needs what."""

    def run(self):
        course = _course(self)
        rows = ["| week | chapter | lab | after | hours |", "|---|---|---|---|---|"]
        for week, (number, chapter) in enumerate(course.items(), 1):
            lab = f"[{chapter.lab.title}](/{chapter.lab.page}.ipynb)" if chapter.lab else ""
            spent = chapter.minutes + (chapter.lab.minutes if chapter.lab else 0)
            after = ", ".join(f"{need:02d}" for need in chapter.needs) or "–"
            rows.append(
                f"| {week} | [{number:02d} {chapter.title}](/{chapter.page}.md) | {lab} | {after} | {hours(spent)} |"
            )
        total = sum(one.minutes + (one.lab.minutes if one.lab else 0) for one in course.values())
        words = (
            f"{len(course)} weeks, about {round(total / 60)} hours: {plan.WORDS_A_MINUTE} words and "
            f"{plan.CELLS_A_MINUTE} cells of code a minute for a chapter, and the time that its lab states. A chapter "
            "comes after those that the column names; the map shows the same."
        )
        table = self.parse_text_to_nodes("\n".join([words, "", *rows]))
        return [*table, nodes.raw("", pictures.plan_map(course), format="html")]


def _course(directive: SphinxDirective) -> dict[int, Chapter]:
    root = Path(directive.env.srcdir)
    for path in (root / plan.FILE, *root.glob("book/[0-9][0-9]_*.md")):
        directive.env.note_dependency(str(path))
    try:
        return plan.read(root)
    except records.RecordError as fault:
        raise directive.error(str(fault)) from None


def name_folds(app, doctree) -> None:
    """Folds say what they hold. A cell that starts a session is folded with its output: it is no part of the lesson."""
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code" or not cell.children:
            continue
        if SET_UP in cell.children[0].astext():
            cell["hide_mode"] = "all"
            cell["prompt_show"], cell["prompt_hide"] = "Show the set-up", "Hide the set-up"
        elif cell.get("hide_mode") == "input" and any(FIGURE in raw.astext() for raw in cell.findall(nodes.raw)):
            cell["prompt_show"], cell["prompt_hide"] = "Show how the figure is drawn", "Hide how the figure is drawn"


def frame(app, pagename, templatename, context, doctree) -> None:
    """Write what stands around the text of a chapter or a lab."""
    body = context.get("body")
    if not doctree or not body:
        return
    course = _read_once(app)

    def link(page: str) -> str:
        return app.builder.get_relative_uri(pagename, page)

    for chapter in course.values():
        if pagename == chapter.page:
            context["body"] = FIRST_PARAGRAPH.sub(
                lambda found, one=chapter: f"{HEADING}{head(one, found[1], len(course), link)}", body, count=1
            ) + end(chapter, course, link)
        elif chapter.lab and pagename == chapter.lab.page:
            strip = run_strip(chapter.lab, context["pathto"](LABS_ZIP, 1), _repository(app))
            context["body"] = BOX.sub(lambda _, strip=strip: strip, body, count=1) if strip else body


def _read_once(app) -> dict[int, Chapter]:
    if not hasattr(app.env, "course_plan"):
        app.env.course_plan = plan.read(Path(app.srcdir))
    return app.env.course_plan


def head(chapter: Chapter, question: str, chapters: int, link) -> str:
    """The question in large letters; then how long it takes, and what a reader can do after it."""
    lab = chapter.lab
    facts = [f"Chapter {chapter.number:02d} of {chapters:02d}", f"{chapter.minutes} minutes to read"]
    if lab:
        facts.append(f'<a href="{link(lab.page)}">lab {chapter.number:02d}</a>, {lab.minutes} minutes')
    can = "".join(f"<li>{_inline(one)}</li>" for one in lab.objectives) if lab else ""
    able = f"<p>With the chapter and its lab you can</p><ul>{can}</ul>" if can else ""
    question = question.replace("<p>", '<p class="chapter-question">', 1)
    return f'{question}<div class="chapter-head"><p class="chapter-facts">{" · ".join(facts)}</p>{able}</div>'


def end(chapter: Chapter, course: dict[int, Chapter], link) -> str:
    """What to do after a chapter."""
    parts = []
    if lab := chapter.lab:
        parts.append(
            f'<a class="end-card" href="{link(lab.page)}"><span>Now try it: lab {chapter.number:02d}, '
            f"{lab.minutes} minutes, {lab.points:g} points</span>"
            f"<strong>{escape(lab.title)}</strong>{_inline(lab.question)}</a>"
        )
    if after := course.get(chapter.number + 1):
        parts.append(
            f'<a class="end-card" href="{link(after.page)}"><span>Then chapter {after.number:02d}, '
            f"{after.minutes} minutes</span><strong>{escape(after.title)}</strong>{escape(after.question)}</a>"
        )
    return f'<nav class="chapter-end" aria-label="After this chapter">{"".join(parts)}</nav>' if parts else ""


def run_strip(lab: Lab, address: str, repository: tuple[str, str, str] | None) -> str:
    """How to run a lab: the file to download, the command, what it takes; buttons when a repository is named."""
    if not lab.exercises:
        return ""
    name = lab.page.rpartition("/")[2]
    folder = LABS_ZIP.rpartition("/")[2].removesuffix(".zip")
    took = measured(ROOT / "_build" / "bench.json", name)
    facts = [f"{lab.minutes} minutes", *map(escape, lab.needs), f"{lab.exercises} exercises, {lab.points:g} points"]
    versions = ", ".join(f"{package} {version}" for package, version in locked(ROOT / "requirements.lock").items())
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    command = (
        f"unzip {folder}.zip && cd {folder} && python3 -m venv .venv && . .venv/bin/activate && "
        f"pip install -r requirements.txt && jupyter lab {name}.ipynb"
    )
    buttons = [f'<a class="run-button" href="{address}" download>Download the labs (zip)</a>']
    if repository:
        owner, project, branch = repository
        buttons += [
            f'<a class="run-button run-elsewhere" href="'
            f'{pattern.format(owner=owner, name=project, branch=branch, page=lab.page)}">{place}</a>'
            for place, pattern in LAUNCHERS.items()
        ]
    return (
        f'<section class="run-strip" aria-label="Run this lab"><p class="run-facts">{" · ".join(facts)}</p>'
        f'<p class="run-buttons">{"".join(buttons)}</p>'
        f'<div class="run-command"><code id="run-command">{escape(command)}</code>'
        '<button type="button" class="run-copy" data-copies="run-command" hidden>Copy</button></div>'
        f'<p class="run-versions">Python {escape(oldest.lstrip(">="))} or newer, {versions}{took}</p></section>'
    )


def measured(path: Path, name: str) -> str:
    """What running all of a lab took when `make bench` measured it, and when; nothing where it did not."""
    rows = json.loads(path.read_text(encoding="utf-8"))["measurements"] if path.exists() else []
    of = {row["name"]: row["value"] for row in rows if row["section"] == "labs"}
    wall, peak = of.get(f"{name}, wall"), of.get(f"{name}, peak memory")
    if not wall or not peak:
        return ""
    when = date.fromtimestamp(path.stat().st_mtime).isoformat()
    return f". All cells ran in {units.format_seconds(wall)} with {units.format_bytes(peak)} of memory on {when}"


def locked(path: Path) -> dict[str, str]:
    """The versions of SHOWN_PACKAGES."""
    pins = dict(line.split("==") for line in path.read_text(encoding="utf-8").splitlines() if "==" in line)
    return {package: pins[package] for package in SHOWN_PACKAGES if package in pins}


def _repository(app) -> tuple[str, str, str] | None:
    """Owner, name and branch of the repository that _config.yml names, where its labs are those of students."""
    options = app.config.html_theme_options
    parts = urlsplit(options.get("repository_url", "")).path.strip("/").split("/")
    return (parts[0], parts[1], options.get("repository_branch") or "main") if len(parts) == 2 else None


def _inline(markdown: str) -> str:
    """A line of Markdown whose only marks are code and emphasis."""
    text = escape(markdown)
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", re.sub(r"`([^`]+)`", r"<code>\1</code>", text))


def setup(app) -> dict:
    """Register the directives, and what is written around a page."""
    app.add_directive("course-proofs", ProofsDirective)
    app.add_directive("course-cards", CardsDirective)
    app.add_directive("course-plan", PlanDirective)
    app.connect("doctree-read", name_folds)
    app.connect("html-page-context", frame)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
