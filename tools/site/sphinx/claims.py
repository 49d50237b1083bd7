"""A Sphinx extension for the claims of book/claims.yml.

The directive `claim` shows one in a "Check the claim" box, the directive `claims-list` lists them all, with a link to
each box. claims.js lets a reader choose by chapter and by finding.
"""

import itertools
import re
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

from pydantic import StringConstraints
from sphinx.util.docutils import SphinxDirective

from tools.site.sphinx import chapters, records
from tools.site.sphinx.records import Record, Text

FILE = "book/claims.yml"
# What came of a claim, as the pages say it.
FINDINGS = {
    "holds": "holds",
    "partly": "partly right",
    "wrong": "wrong",
    "outdated": "outdated",
    "open": "open",
}
# The target under which book/claims.md has the claims of a chapter.
SECTION = re.compile(r"claims-(\d\d)")
ROW = """\
``````{{container}} claim-row
`````{{container}} claim-finding finding-{finding}
{said}
`````
`````{{container}} claim-told chapter-{chapter}
Chapter {chapter}. {{ref}}`{title} <claim-{id}>`

{statement}
`````
``````
"""
BOX = """\
``````{{admonition}} Check the claim: {title}
:name: claim-{id}
:class: claim finding-{finding}

**Claim.** {statement}

**Verdict: {said}.** {verdict}

**Source.** {source}

**Check.** {check}
``````
"""


class Claim(Record):
    """What lectures claim, in our words, and what holds. Every part but id and finding is Markdown."""

    id: Annotated[str, StringConstraints(pattern=r"^e\d+$")]
    finding: Literal["holds", "partly", "wrong", "outdated", "open"]
    title: Text
    statement: Text
    verdict: Text
    source: Text
    check: Text


def read(path: Path) -> dict[str, Claim]:
    """The claims by id. Raises RecordError, also for ids that are not e1, e2 and so on, in this order."""
    claims = records.read(path, Claim)
    ids = [claim.id for claim in claims]
    records.require_unique(path, ids)
    for before, after in itertools.pairwise(ids):
        if int(before[1:]) > int(after[1:]):
            raise records.RecordError(f"{path.name}: {after} must stand before {before}.")
    return {claim.id: claim for claim in claims}


def homes(root: Path) -> dict[str, str]:
    """The chapter of every claim that a page shows, as two digits, by the claim's id.

    A page that is no chapter has its claims below targets such as `(claims-06)=`.
    """
    found = {}
    for path in sorted(root.glob("book/*.md")):
        chapter = path.name[:2] if path.name[:2].isdigit() else ""
        for token in chapters.READER.parse(path.read_text(encoding="utf-8")):
            if token.type == "myst_target" and (section := SECTION.fullmatch(token.content)):
                chapter = section[1]
            elif token.type == "fence" and (shown := re.fullmatch(r"\{claim\}\s+(e\d+)", token.info.strip())):
                found[shown[1]] = chapter
    return found


def listed(claims: dict[str, Claim], chapter_of: dict[str, str]) -> str:
    """Markdown: how many claims came out how, then one row each, chapter by chapter."""
    counted = Counter(claim.finding for claim in claims.values())
    told = FINDINGS | {"holds": "hold"}
    numbers = ", ".join(f"{counted[finding]} {told[finding]}" for finding in FINDINGS if counted[finding])
    rows = [
        ROW.format(**claim.model_dump(), said=FINDINGS[claim.finding], chapter=chapter_of[claim.id])
        for claim in sorted(claims.values(), key=lambda claim: chapter_of[claim.id])
    ]
    return f"{len(claims)} claims: {numbers}.\n\n" + "\n".join(rows)


class ClaimDirective(SphinxDirective):
    """The box of one claim, with the name claim-<id>."""

    required_arguments = 1

    def run(self):
        path = Path(self.env.srcdir, FILE)
        self.env.note_dependency(str(path))
        try:
            claims = read(path)
        except records.RecordError as fault:
            raise self.error(str(fault)) from None
        name = self.arguments[0]
        if name not in claims:
            raise self.error(f"{FILE} has no claim {name}.")
        claim = claims[name]
        return self.parse_text_to_nodes(BOX.format(**claim.model_dump(), said=FINDINGS[claim.finding]))


class ClaimsListDirective(SphinxDirective):
    """All claims, each with a link to its box."""

    def run(self):
        root = Path(self.env.srcdir)
        for path in [root / FILE, *root.glob("book/*.md")]:
            self.env.note_dependency(str(path))
        try:
            claims = read(root / FILE)
        except records.RecordError as fault:
            raise self.error(str(fault)) from None
        where = homes(root)
        if missing := sorted(set(claims) - set(where)):
            raise self.error(f"{FILE}: no page shows {', '.join(missing)}.")
        return self.parse_text_to_nodes(listed(claims, where))


def setup(app) -> dict:
    """Register the directives."""
    app.add_directive("claim", ClaimDirective)
    app.add_directive("claims-list", ClaimsListDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
