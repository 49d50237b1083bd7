"""A Sphinx extension for the "Check the claim" boxes: the directive `claim` shows a record of book/claims.yml."""

import itertools
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints
from sphinx.util.docutils import SphinxDirective

from tools.site.sphinx import records
from tools.site.sphinx.records import Record, Text

FILE = "book/claims.yml"
BOX = """\
``````{{admonition}} Check the claim: {title}
:name: claim-{id}
:class: claim

**Claim.** {statement}

**Verdict.** {verdict}

**Source.** {source}

**Check.** {check}
``````
"""


class Claim(Record):
    """What lectures claim, in our words, and what holds. Every part but the id is Markdown."""

    id: Annotated[str, StringConstraints(pattern=r"^e\d+$")]
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
        return self.parse_text_to_nodes(BOX.format(**claims[name].model_dump()))


def setup(app) -> dict:
    """Register the directive."""
    app.add_directive("claim", ClaimDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
