"""A shop's support dialogues, the house style of their summaries, and pairs of a polite and a careless ending.

The style guide: `Order 4821: Ana asks us to exchange the grey coat on Friday. We agreed.` and the closing line; where
the shop said no, `We declined because of a missing receipt.` and the other closing line.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from utils import bundled, data, metrics
from utils.data import Dialogue
from utils.errors import CourseError, one_of

STYLE = "shop"
AGREED, DECLINED = "We agreed.", "We declined because of {}."
POLITE = {AGREED: "Thank you for shopping with us.", DECLINED: "We are sorry for the trouble."}
CARELESS = ("Nothing more to add.", "Read the terms next time.", "Not our problem.", "Another one of those.")
PATTERN = re.compile(r"Order (\d+): (\S.*?) asks us to (\S.*?)\. (We agreed|We declined because of \S.*?)\.(?: (.*))?")


@dataclass(frozen=True)
class PreferencePair:
    """Two summaries of a dialogue that differ in the closing line: `chosen` is polite, `rejected` careless."""

    id: str
    dialogue: str
    chosen: str
    rejected: str


@dataclass(frozen=True)
class Style:
    """Which rules of the style guide a summary keeps.

    form: the guide's sentences stand in their order, each once. order: the order number is the dialogue's.
    closing: the summary ends in the closing line that its outcome asks for.
    """

    form: bool
    order: bool
    closing: bool

    @property
    def kept(self) -> bool:
        """Every rule."""
        return self.form and self.order and self.closing


@dataclass(frozen=True)
class Scores:
    """Scores of N summaries, from 0 to 1, by the reference that keeps the style guide.

    rouge: ROUGE-L. body: the same without the closing lines. kept: 1.0 where the style is kept. polite: 1.0 where the
    closing line is the guide's.
    """

    rouge: list[float] = field(repr=False)
    body: list[float] = field(repr=False)
    kept: list[float] = field(repr=False)
    polite: list[float] = field(repr=False)

    def line(self, seed: int = 0) -> str:
        """ROUGE-L, the body's, the shares that keep the style and close politely, two with intervals."""
        rouge, kept = metrics.bootstrap(self.rouge, seed), metrics.bootstrap(self.kept, seed)
        body, polite = (sum(values) / len(values) for values in (self.body, self.polite))
        return f"{rouge}  {body:.3f}  {kept}  {polite:.3f}"


HEADER = f"{'ROUGE-L':21}  {'body':5}  {'style kept':20}  polite"


def cases(split: str = "test") -> list[Dialogue]:
    """The shop's dialogues with their summaries; `convention` is STYLE in every row.

    split: "train" holds the archive, in which many a summary ends carelessly; the summaries of "validation" and "test"
    follow the style guide. Raises CourseError as `data.dialogues` does.
    """
    return [replace(row, convention=STYLE) for row in data.dialogues(str(bundled.path("shop")), split)]


def preference_pairs(split: str = "train") -> list[PreferencePair]:
    """Preference pairs. split: "train", or "test" with dialogues, names and goods of its own.

    Raises CourseError for another split.
    """
    file = one_of("split of the pairs", split, {name: f"shop/pairs/{name}.jsonl" for name in ("train", "test")})
    path = bundled.path(file)
    return [PreferencePair(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def order_number(dialogue: str) -> str:
    """The order number that a dialogue settles on, which is the last one named.

    Raises CourseError when none is named.

    >>> order_number("#Person1#: It is about order 4281. No, sorry, order 4821.")
    '4821'
    """
    numbers = re.findall(r"\border (?:number )?(?:is )?(\d{4})\b", dialogue)
    if not numbers:
        raise CourseError(
            f"A dialogue that names its order was expected, but {dialogue[:80]!r} came: pass a shop's one."
        )
    return numbers[-1]


def split_closing(summary: str) -> tuple[str, str]:
    """The summary without its closing line, and that line; a text that breaks the form has no closing line.

    >>> split_closing("Order 1234: Ana asks us to mend it. We agreed. Not our problem.")
    ('Order 1234: Ana asks us to mend it. We agreed.', 'Not our problem.')
    """
    found = PATTERN.fullmatch(summary.strip())
    if not found or not found[5]:
        return summary.strip(), ""
    return summary.strip()[: found.start(5)].strip(), found[5]


def style(summary: str, dialogue: str) -> Style:
    """Which rules a summary of `dialogue` keeps. Raises CourseError as `order_number` does.

    >>> style("Order 1234: Ana asks us to mend it. We agreed. Not our problem.", "#Person1#: order 1234").closing
    False
    """
    found = PATTERN.fullmatch(summary.strip())
    if not found:
        return Style(False, False, False)
    polite = POLITE[AGREED if found[4] == AGREED.rstrip(".") else DECLINED]
    known = [*POLITE.values(), *CARELESS]
    return Style(found[5] in known, found[1] == order_number(dialogue), found[5] == polite)


def score(summaries: Sequence[str], targets: Sequence[Dialogue]) -> Scores:
    """The scores of one summary for each of the shop's dialogues.

    summaries, targets: N of each, in the same order. Returns lists of N numbers.
    Raises CourseError when the two lists differ in length, or a dialogue names no order.
    """
    references = [case.summary for case in targets]
    rouge = metrics.rouge_table(summaries, references).rougeL
    body = metrics.rouge_table(*([split_closing(text)[0] for text in side] for side in (summaries, references))).rougeL
    told = [style(text, case.dialogue) for text, case in zip(summaries, targets, strict=True)]
    kept, polite = ([float(getattr(one, part)) for one in told] for part in ("kept", "closing"))
    return Scores(rouge.tolist(), body.tolist(), kept, polite)
