"""A Sphinx extension: the directive `calculator` shows one of the site's calculators.

Its content is what a reader without scripts sees in its place. The scripts and their style are loaded on pages that
show a calculator, and on no others. The data are written when the build begins.
"""

from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from tools.site import calculators

METADATA = "calculators"


class CalculatorDirective(SphinxDirective):
    """A calculator by its name; the content stands for it without scripts."""

    required_arguments = 1
    has_content = True

    def run(self):
        name = self.arguments[0]
        if name not in calculators.CALCULATORS:
            raise self.error(f"A calculator must be one of {', '.join(calculators.CALCULATORS)}, but {name!r} came.")
        shown = self.env.metadata[self.env.docname].setdefault(METADATA, [])
        if name in shown:
            raise self.error(f"The calculator {name} stands on this page already: its settings are the page's address.")
        shown.append(name)
        instead = self.parse_text_to_nodes("\n".join(self.content))
        opened = nodes.raw("", f'<div class="calculator" data-calculator="{name}">\n', format="html")
        return [opened, *instead, nodes.raw("", "</div>\n", format="html")]


def write_data(app) -> None:
    """Write the data beside the scripts of the built site."""
    if app.builder.format == "html":
        folder = Path(app.outdir, "_static", calculators.FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        for name in calculators.CALCULATORS:
            data, *_ = calculators.scripts(name)
            (folder / data).write_text(calculators.data_script(name), encoding="utf-8")


def load_scripts(app, pagename, templatename, context, doctree) -> None:
    """Let a page with calculators load what they need, in order."""
    if shown := app.env.metadata.get(pagename, {}).get(METADATA):
        app.add_css_file(f"{calculators.FOLDER}/calculators.css")
        for file in dict.fromkeys(file for name in shown for file in calculators.scripts(name)):
            app.add_js_file(f"{calculators.FOLDER}/{file}", loading_method="defer")


def setup(app) -> dict:
    """Register the directive, the data and the pages' scripts."""
    app.add_directive("calculator", CalculatorDirective)
    app.connect("builder-inited", write_data)
    app.connect("html-page-context", load_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
