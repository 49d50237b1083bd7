"""A Sphinx extension for the course model in the page: the directive `live-model` with the name of a view.

A view says which parts of the one component a page shows; book/_static/live_model.js builds them, and loads the model
on a click. The directive itself writes a recorded run, for readers without scripts and for when the loading fails.
"""

from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from tools.site import live_model
from tools.site.live_model import Exported

LEAST = 0.0005  # shares below it would read 0.0 %
VIEWS = ("front", "attention", "examples", "decoding", "bits", "full")


class LiveModelDirective(SphinxDirective):
    """The course model, live, in one of the views."""

    required_arguments = 1

    def run(self):
        view = self.arguments[0]
        if view not in VIEWS:
            raise self.error(f"A view should be one of {', '.join(VIEWS)}, but {view!r} came: choose one.")
        made = live_model.exported()
        self.env.live_model_shown = True
        static = "../" * self.env.docname.count("/") + "_static"
        return [nodes.raw("", component(view, static, made), format="html")]


def component(view: str, static: str, made: Exported) -> str:
    """The HTML that the script finds, which is complete without it. static: the way from the page to _static."""
    return (
        f'<div class="live-model" data-view="{view}" data-static="{static}" data-about="{made.about}" '
        f'data-bytes="{made.bytes}">{recorded(made.recorded)}</div>'
    )


def recorded(run: dict) -> str:
    """A run of the model, told by the page itself."""
    rows = "".join(
        f"<tr><th scope='row'>{_shown(step['token'])}</th>"
        + "".join(f"<td>{_likely(text, p)}</td>" for text, p in step["likeliest"])
        + "</tr>"
        for step in run["steps"]
    )
    heads = "".join(f"<th scope='col'>{n}</th>" for n in range(1, len(run["steps"][0]["likeliest"]) + 1))
    examples = "one solved example" if run["shots"] == 1 else f"{run['shots']} solved examples"
    return (
        "<section class='live-recorded' aria-label='A recorded run of the course model'>"
        f"<p><strong>A recorded run.</strong> The course model read {examples}, then this dialogue. At each step it "
        "wrote the most probable token.</p>"
        f"<blockquote>{_lines(run['dialogue'])}</blockquote><p>It wrote: <q>{escape(run['answer'])}</q></p>"
        "<details><summary>Its steps, with the likeliest tokens of each</summary><div class='live-scroll' tabindex='0'>"
        f"<table><thead><tr><th scope='col'>written</th>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        "</div></details></section>"
    )


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())


def _likely(token: str, p: float) -> str:
    """A token and its share; what the model all but rules out is left out."""
    return f"{_shown(token)} {100 * p:.1f} %" if p >= LEAST else ""


def _shown(token: str) -> str:
    """A token with its spaces visible."""
    return f"<code>{escape(token).replace(' ', '␣').replace(chr(10), '↵')}</code>"


def copy_scripts(app, exception) -> None:
    """Put the model's scripts into the site, where a page shows it."""
    if exception is None and getattr(app.env, "live_model_shown", False):
        live_model.copy(live_model.exported(), Path(app.outdir) / "_static")


def setup(app) -> dict:
    """Register the directive."""
    app.add_directive("live-model", LiveModelDirective)
    app.connect("build-finished", copy_scripts)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
