"""What lectures claim about in-context learning, as figures on any model and data set.

One good example is the yardstick: examples that contradict each other or come from another task are compared with it,
dialogue by dialogue. Then come topics that no example is about, and labels that only an example can tell.

`python -m utils.evaluate --claims` measures them.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from utils import data, generation, metrics, prompts, scoring
from utils.metrics import Interval
from utils.scoring import PromptOptions, PromptScores

if TYPE_CHECKING:
    from utils.data import Dialogue
    from utils.models import LanguageModel

VERBALISERS = (("good", "bad"), ("5", "1"), ("yes", "no"))
LABEL_TOKENS = 6


@dataclass(frozen=True)
class Misled:
    """ROUGE-L after examples that mislead, and its difference from one good example over the same dialogues."""

    name: str
    rougeL: Interval
    minus_one_good: Interval

    def __str__(self) -> str:
        return f"{self.name}: ROUGE-L {self.rougeL}, minus one good example {self.minus_one_good}"


@dataclass(frozen=True)
class Group:
    """One-shot scores of n dialogues that have something in common."""

    name: str
    n: int
    rougeL: Interval
    exact_match: float

    def __str__(self) -> str:
        return f"{self.name} (n = {self.n}): ROUGE-L {self.rougeL}, exact match {self.exact_match:.3f}"


@dataclass(frozen=True)
class Labels:
    """Share of n reviews answered with the right one of two words, without an example and with one."""

    words: tuple[str, str]
    n: int
    zero: Interval
    one: Interval

    def __str__(self) -> str:
        return f"reviews as {' or '.join(self.words)} (n = {self.n}): zero-shot {self.zero}, one-shot {self.one}"


@dataclass(frozen=True)
class Claims:
    """The figures of one model on one data set."""

    misled: tuple[Misled, ...]
    groups: tuple[Group, ...]
    labels: tuple[Labels, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, (*self.misled, *self.groups, *self.labels)))


def measure(
    lm: "LanguageModel",
    targets: "Sequence[Dialogue]",
    pool: "Sequence[Dialogue]",
    options: PromptOptions = scoring.DEFAULT,
) -> Claims:
    """Measure every claim. targets: dialogues to summarise. pool: where examples come from.

    As many rows of the pool, and as many bundled reviews, are scored as there are targets.
    Raises CourseError when the pool holds too few examples for a target, or for fewer than two targets.
    """
    one_shot = [prompts.pick_examples(pool, target, 1, options.seed) for target in targets]
    good = _scored(lm, targets, _few_shot(targets, one_shot, options), options)
    return Claims(
        misled(lm, targets, pool, good, options),
        groups(lm, targets, pool, good, options),
        labels(lm, len(targets), options),
    )


def _few_shot(targets, examples, options: PromptOptions) -> list[str]:
    """One prompt for each target, with examples of its own."""
    return scoring.few_shot_prompts(targets, examples, options.template)


def _scored(lm, targets, texts: Sequence[str], options: PromptOptions) -> PromptScores:
    """The targets' summaries from these prompts, compared with the references."""
    return scoring.score_prompts(lm, targets, texts, options.max_new_tokens, options.progress)


def misled(lm, targets, pool, good: PromptScores, options: PromptOptions) -> tuple[Misled, ...]:
    """Two examples that contradict each other, and one from another task, against one good example."""
    review = data.reviews("train")[0]
    other_task = prompts.classify_review(review.text) + review.sentiment.capitalize() + prompts.EXAMPLE_GAP
    contradicting = [prompts.pick_contradicting(pool, target, options.seed) for target in targets]
    texts = {
        "two examples that contradict each other": _few_shot(targets, contradicting, options),
        "one example of another task": [
            other_task + prompts.few_shot(target.dialogue, (), options.template) for target in targets
        ],
    }
    rows = []
    for name, prompted in texts.items():
        values = _scored(lm, targets, prompted, options).rouge.rougeL
        gap = metrics.bootstrap_difference(values, good.rouge.rougeL, options.seed)
        rows.append(Misled(name, metrics.bootstrap(values, options.seed), gap))
    return tuple(rows)


def groups(lm, targets, pool, found: PromptScores, options: PromptOptions) -> tuple[Group, ...]:
    """Dialogues of the pool itself, then the targets whose topic the pool knows, and those whose topic is new."""
    alike = Counter(row.convention for row in pool)
    own = [row for row in pool if alike[row.convention] > 1][: len(targets)]
    shown = [prompts.pick_examples(pool, row, 1, options.seed) for row in own]
    known = {row.topic for row in pool}
    new = [target.topic not in known for target in targets]
    return tuple(
        group
        for group in (
            _grouped("dialogues of the pool", _scored(lm, own, _few_shot(own, shown, options), options), None, options),
            _grouped("targets on topics of the pool", found, [not is_new for is_new in new], options),
            _grouped("targets on other topics", found, new, options),
        )
        if group
    )


def _grouped(name: str, found: PromptScores, chosen: list[bool] | None, options: PromptOptions) -> Group | None:
    """The chosen rows as one group; None when there are fewer than two, which have no interval."""
    rows = range(len(found.exact)) if chosen is None else [row for row, yes in enumerate(chosen) if yes]
    if len(rows) < 2:
        return None
    exact = sum(found.exact[row] for row in rows) / len(rows)
    return Group(name, len(rows), metrics.bootstrap(found.rouge.rougeL[list(rows)], options.seed), exact)


def labels(lm: "LanguageModel", limit: int, options: PromptOptions) -> tuple[Labels, ...]:
    """Bundled reviews answered in each verbaliser; every review has an example of its own, drawn at random."""
    rows, pool = data.reviews("test")[:limit], data.reviews("train")
    shown = [random.Random(f"{options.seed} {row.id}").choice(pool) for row in rows]
    plain = _completed(lm, [prompts.classify_review(row.text) for row in rows], options)
    found = []
    for words in VERBALISERS:
        said = dict(zip(data.SENTIMENTS, words, strict=True))
        texts = [
            prompts.classify_review(row.text, [(example.text, said[example.sentiment])])
            for row, example in zip(rows, shown, strict=True)
        ]
        shares = [
            metrics.bootstrap(
                [float(answer == said[row.sentiment]) for answer, row in zip(answers, rows, strict=True)], options.seed
            )
            for answers in (plain, _completed(lm, texts, options))
        ]
        found.append(Labels(words, len(rows), *shares))
    return tuple(found)


def _completed(lm: "LanguageModel", texts: Sequence[str], options: PromptOptions) -> list[str]:
    """Short greedy completions."""
    return generation.generate(lm, texts, generation.settings(LABEL_TOKENS), progress=options.progress)
