"""What a chapter's source tells without being built: its targets and the sections that hold them."""

import re
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin

READER = MarkdownIt().use(front_matter_plugin).use(myst_block_plugin)


def written(root: Path) -> dict[int, Path]:
    """The sources of the chapters that exist, by number; a page "Since the lecture", `NN_topic_since.md`, is none."""
    pages = sorted(root.glob("book/[0-9][0-9]_*.md"))
    return {int(path.name[:2]): path for path in pages if not path.stem.endswith("_since")}


def targets(text: str) -> dict[str, str]:
    """Every target `(name)=` of a chapter, with the title of the section it stands in.

    A target before a heading belongs to the section which that heading opens.
    Example:
    >>> targets("# One\\n\\n(a)=\\n## Two\\n\\n(b)=\\nText.")
    {'a': 'Two', 'b': 'Two'}
    """
    found, waiting, title = {}, [], ""
    tokens = READER.parse(text)
    for place, token in enumerate(tokens):
        if token.type == "myst_target":
            waiting.append(token.content)
            continue
        if token.type == "heading_open":
            title = tokens[place + 1].content
        found |= dict.fromkeys(waiting, title)
        waiting = []
    return found | dict.fromkeys(waiting, title)


def directives(text: str, name: str) -> list[str]:
    """The argument of every directive `name` of a chapter, in order.

    Example:
    >>> directives("```{claim} e1\\n```", "claim")
    ['e1']
    """
    pattern = re.compile(rf"\{{{name}\}}\s+(.*)")
    fences = [token.info.strip() for token in READER.parse(text) if token.type == "fence"]
    return [match[1] for info in fences if (match := pattern.fullmatch(info))]
