"""Figures that ROUGE cannot give: facts right, words out of nowhere, house styles kept, what examples reveal.

`python -m utils.evaluate --claims` measures them beside `utils.icl_claims`.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from functools import cache
from typing import TYPE_CHECKING

from utils import data, metrics, prompts, scoring, summary_checks
from utils.data import conventions
from utils.metrics import Interval
from utils.scoring import PromptOptions, PromptScores
from utils.summary_checks import Right

if TYPE_CHECKING:
    from utils.data import Dialogue
    from utils.models import LanguageModel

SHOTS = (0, 1, 2, 3, 4, 5, 6)
PARTS = tuple(field.name for field in fields(Right))
SHOWN = 10


@dataclass(frozen=True)
class Part:
    """Share of n one-shot summaries in which a part is right, and by whether the example has the target's topic.

    minus_other: the share after an example of the target's topic minus the share after another, over the dialogues for
    which the pool has both; None where it has fewer than two.
    """

    name: str
    n: int
    right: Interval
    minus_other: Interval | None

    def __str__(self) -> str:
        gap = f", an example of the same topic minus another {self.minus_other}" if self.minus_other else ""
        return f"{self.name} right (n = {self.n}): {self.right}{gap}"


@dataclass(frozen=True)
class Strays:
    """Words of one-shot summaries that stand neither in the prompt nor in the bundled training rows.

    words: in all. stray: of them. answers: share of summaries with one. found: the first few.
    """

    dialogues: str
    words: int
    stray: int
    answers: float
    found: tuple[str, ...]

    def __str__(self) -> str:
        share = self.stray / max(1, self.words)
        return f"words out of nowhere, {self.dialogues}: {share:.2%} of words, in {self.answers:.1%} of summaries"


@dataclass(frozen=True)
class Revealed:
    """What K examples reveal of a house style, and what a model makes of it.

    form: how often the form is right when all that was shown is used and the rest is guessed. exact_match: measured.
    """

    shots: int
    form: float
    exact_match: float

    def __str__(self) -> str:
        return f"{self.shots} examples: form by what they show {self.form:.3f}, exact match {self.exact_match:.3f}"


@dataclass(frozen=True)
class Natural:
    """Scores on n natural dialogues. styled: in house styles that take turns, else in DialogSum's manner.

    names: share of summaries that name the speakers whom the reference names. outcome, facts: share with a key of the
    outcome, and with one of every group. form: of the choices that target and examples show, the share that is kept.
    """

    styled: bool
    shots: int
    n: int
    rougeL: Interval
    names: float
    outcome: float
    facts: float
    form: float | None

    def __str__(self) -> str:
        form = "" if self.form is None else f", form kept {self.form:.3f}"
        kind = "natural, house styles" if self.styled else "natural"
        return (
            f"{kind}, {self.shots} examples (n = {self.n}): ROUGE-L {self.rougeL}, names {self.names:.3f}, "
            f"outcome {self.outcome:.3f}, all keys {self.facts:.3f}{form}"
        )


@dataclass(frozen=True)
class SummaryClaims:
    """The figures of one model on one data set, and on the natural test."""

    parts: tuple[Part, ...]
    strays: tuple[Strays, ...]
    revealed: tuple[Revealed, ...]
    natural: tuple[Natural, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, (*self.parts, *self.strays, *self.revealed, *self.natural)))


def measure(
    lm: "LanguageModel",
    targets: "Sequence[Dialogue]",
    pool: "Sequence[Dialogue]",
    options: PromptOptions = scoring.DEFAULT,
) -> SummaryClaims:
    """Measure everything. targets: dialogues to summarise. pool: where examples come from.

    Facts are checked where the targets have them, what examples reveal where rows say which choices they show. As many
    natural and hand-written dialogues are scored as there are targets.
    Raises CourseError when the pool holds too few examples for a target, or for fewer than two targets.
    """
    limit = len(targets)
    natural = data.dialogues("natural", "train")
    return SummaryClaims(
        parts(lm, [target for target in targets if target.facts], pool, options),
        (
            strays(lm, "generated", targets, pool, options),
            strays(lm, "natural", data.dialogues("natural")[:limit], natural, options),
            strays(lm, "hand-written", data.dialogues("handwritten")[:limit], natural, options),
        ),
        revealed(lm, [target for target in targets if target.shows], pool, options),
        tuple(row for styled in (False, True) for row in natural_scores(lm, limit, styled, options)),
    )


def parts(lm, targets, pool, options: PromptOptions) -> tuple[Part, ...]:
    """How often each part of a one-shot summary is right, after any example and by the example's topic."""
    if len(targets) < 2:
        return ()
    checked = _checked(
        lm, targets, [prompts.pick_examples(pool, target, 1, options.seed) for target in targets], options
    )
    both = [(target, *_two_topics(pool, target)) for target in targets]
    both = [(target, same, other) for target, same, other in both if same and other]
    after_same = _checked(lm, [row[0] for row in both], [[row[1]] for row in both], options)
    after_other = _checked(lm, [row[0] for row in both], [[row[2]] for row in both], options)
    found = []
    for place, name in enumerate(PARTS):
        values = [float(row[place]) for row in checked if row[place] is not None]
        pairs = [
            (float(one[place]), float(other[place]))
            for one, other in zip(after_same, after_other, strict=True)
            if one[place] is not None
        ]
        gap = metrics.bootstrap_difference(*zip(*pairs, strict=True), options.seed) if len(pairs) > 1 else None
        if len(values) > 1:
            found.append(Part(name, len(values), metrics.bootstrap(values, options.seed), gap))
    return tuple(found)


def _two_topics(pool, target) -> "tuple[Dialogue | None, Dialogue | None]":
    """An example in the target's convention on its topic, and one on another."""
    fit = [row for row in pool if row.convention == target.convention and row.dialogue != target.dialogue]
    return (
        next((row for row in fit if row.topic == target.topic), None),
        next((row for row in fit if row.topic != target.topic), None),
    )


def _checked(lm, targets, examples, options: PromptOptions) -> list[tuple]:
    """Which parts are right, one tuple a target, in the order of PARTS."""
    if not targets:
        return []
    found = _scored(lm, targets, examples, options)
    return [
        astuple(summary_checks.right(said, target.facts, conventions.read(target.convention)))
        for said, target in zip(found.completions, targets, strict=True)
    ]


def _scored(lm, targets, examples, options: PromptOptions) -> PromptScores:
    texts = scoring.few_shot_prompts(targets, examples, options.template)
    return scoring.score_prompts(lm, targets, texts, options.max_new_tokens, options.progress)


@cache
def known_words() -> frozenset[str]:
    """The words of the bundled training rows."""
    return summary_checks.words_of([*data.dialogues("course", "train"), *data.dialogues("natural", "train")])


def strays(lm, name: str, targets, pool, options: PromptOptions) -> Strays:
    """Words out of nowhere in one-shot summaries. name: of the dialogues."""
    # Where conventions are known, an example has the target's; where the pool has none of it, any will do.
    styles = {row.convention for row in pool}
    examples = [
        prompts.pick_examples(pool, target, 1, options.seed)
        if target.convention in styles
        else [pool[place % len(pool)]]
        for place, target in enumerate(targets)
    ]
    texts = scoring.few_shot_prompts(targets, examples, options.template)
    said = scoring.score_prompts(lm, targets, texts, options.max_new_tokens, options.progress).completions
    found = [
        summary_checks.unknown_words(summary, text, known_words()) for summary, text in zip(said, texts, strict=True)
    ]
    listed = [word for words in found for word in words]
    return Strays(
        name,
        sum(len(summary_checks.WORD.findall(summary)) for summary in said),
        len(listed),
        sum(map(bool, found)) / len(found),
        tuple(dict.fromkeys(listed))[:SHOWN],
    )


def revealed(lm, targets, pool, options: PromptOptions) -> tuple[Revealed, ...]:
    """The right form by what examples show, beside the measured exact match, for every number of examples."""
    rows = []
    for shots in SHOTS if targets else ():
        examples = [prompts.pick_examples(pool, target, shots, options.seed) for target in targets]
        chances = [
            conventions.chance_of_form(target.shows, [one.shows for one in shown])
            for target, shown in zip(targets, examples, strict=True)
        ]
        found = _scored(lm, targets, examples, options)
        rows.append(Revealed(shots, sum(chances) / len(chances), sum(found.exact) / len(targets)))
    return tuple(rows)


def natural_scores(lm, limit: int, styled: bool, options: PromptOptions) -> tuple[Natural, ...]:
    """Scores on the first natural test dialogues without an example and with one."""
    targets = data.dialogues("natural", "test", styled)[:limit]
    pool = data.dialogues("natural", "train", styled)
    rows = []
    for shots in (0, 1):
        examples = [prompts.pick_examples(pool, target, shots, options.seed) for target in targets]
        found = _scored(lm, targets, examples, options)
        outcomes = [summary_checks.holds_keys(said, row.keys[:1]) for said, row in _rows(found, targets)]
        every = [summary_checks.holds_keys(said, row.keys) for said, row in _rows(found, targets)]
        names = [summary_checks.same_speakers(said, row) for said, row in _rows(found, targets)]
        kept = [
            fine
            for (said, row), shown in zip(_rows(found, targets), examples, strict=True)
            for choice, fine in summary_checks.kept(said, row, conventions.read(row.convention)).items()
            if any(choice in one.shows for one in shown)
        ]
        rows.append(
            Natural(
                styled,
                shots,
                len(targets),
                metrics.bootstrap(found.rouge.rougeL, options.seed),
                *(sum(values) / len(targets) for values in (names, outcomes, every)),
                form=sum(kept) / len(kept) if kept else None,
            )
        )
    return tuple(rows)


def _rows(found: PromptScores, targets):
    return zip(found.completions, targets, strict=True)
