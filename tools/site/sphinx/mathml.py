"""A Sphinx extension that writes formulas as MathML, so that the site needs no script for them.

Browsers draw MathML themselves. docutils translates the TeX; what it does not know becomes a
warning, and so a failed build.
"""

import re
from html import escape

from docutils import nodes
from docutils.utils.math import MathError, latex2mathml
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

# docutils knows \ldots but not amsmath's \dots and its kin.
DOTS = re.compile(r"\\dots[bc]?(?![a-zA-Z])")
# It aligns the rows of a displayed formula by itself, and takes these environments for unknown.
OUTER = re.compile(r"^\\begin\{(align|equation|gather)\*?\}(.*)\\end\{\1\*?\}$", re.DOTALL)


def translate(tex: str, block: bool) -> str:
    """The MathML element for a formula in TeX.

    Raises MathError for a command that docutils does not know.
    Example:
    >>> translate("x", block=False).replace(chr(10), "")
    '<math xmlns="http://www.w3.org/1998/Math/MathML">  <mi>x</mi></math>'
    """
    rows = OUTER.sub(r"\2", tex.strip())
    return latex2mathml.tex2mathml(DOTS.sub(r"\\ldots", rows), as_block=block)


def mathml(node: nodes.Node, block: bool) -> str:
    """The MathML of a formula node; a formula that cannot be translated is reported and shown as TeX."""
    try:
        return translate(node.astext(), block)
    except MathError as problem:
        logger.warning("formula %r: %s", node.astext(), problem, location=node, type="mathml")
        return f"<code>{escape(node.astext())}</code>"


def visit_inline(writer, node: nodes.math) -> None:
    """Write a formula inside a sentence."""
    writer.body.append(mathml(node, block=False))
    raise nodes.SkipNode


def visit_block(writer, node: nodes.math_block) -> None:
    """Write a displayed formula, with its number and a link to it when it has a label."""
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    if node["number"]:
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append(mathml(node, block=True) + "</div>\n")
    raise nodes.SkipNode


def setup(app) -> dict:
    """Register the renderer; `html_math_renderer: mathml` in _config.yml chooses it."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
