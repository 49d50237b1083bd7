"""What lectures claim about examples in a prompt, as figures on any model and data set.

One good example is the yardstick: examples that contradict each other or come from another task are compared with it,
dialogue by dialogue. Then come topics that no example is about, and labels that only an example can tell.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from utils import data, generation, metrics, prompts
from utils.metrics import Interval

if TYPE_CHECKING:
    import numpy as np

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


@dataclass(frozen=True)
class Setting:
    """What all prompts of one measurement share. max_new_tokens: tokens of a summary."""

    template: str = "flan"
    seed: int = 0
    max_new_tokens: int = 60
    progress: bool = True


def measure(
    lm: "LanguageModel", targets: "Sequence[Dialogue]", pool: "Sequence[Dialogue]", setting: Setting | None = None
) -> Claims:
    """Measure every claim. targets: dialogues to summarise. pool: where examples come from.

    As many rows of the pool, and as many bundled reviews, are scored as there are targets.
    Raises CourseError when the pool holds too few examples for a target.
    """
    setting = setting or Setting()
    good = [prompts.pick_examples(pool, target, 1, setting.seed) for target in targets]
    found = scored(lm, targets, few_shot(targets, good, setting), setting)
    return Claims(
        misled(lm, targets, pool, found, setting),
        groups(lm, targets, pool, found, setting),
        labels(lm, len(targets), setting),
    )


@dataclass(frozen=True, eq=False)
class Scored:
    """ROUGE-L, (N,), and exact matches of N summaries."""

    rougeL: "np.ndarray"
    exact: list[bool]


def few_shot(targets: "Sequence[Dialogue]", examples: "Sequence[Sequence[Dialogue]]", setting: Setting) -> list[str]:
    """One prompt for each target with its own examples."""
    pairs = zip(targets, examples, strict=True)
    return [prompts.few_shot(target.dialogue, shown, setting.template) for target, shown in pairs]


def scored(lm: "LanguageModel", targets: "Sequence[Dialogue]", texts: Sequence[str], setting: Setting) -> Scored:
    """Complete each prompt greedily and compare it with the target's references."""
    config = generation.settings(setting.max_new_tokens)
    completions = generation.generate(lm, texts, config, progress=setting.progress)
    references = [target.references or (target.summary,) for target in targets]
    return Scored(metrics.rouge_table(completions, references).rougeL, metrics.exact_match(completions, references))


def misled(lm, targets, pool, good: Scored, setting: Setting) -> tuple[Misled, ...]:
    """Two examples that contradict each other, and one from another task, against one good example."""
    review = data.reviews("train")[0]
    other_task = prompts.classify_review(review.text) + review.sentiment.capitalize() + prompts.EXAMPLE_GAP
    contradicting = [prompts.pick_contradicting(pool, target, setting.seed) for target in targets]
    texts = {
        "two examples that contradict each other": few_shot(targets, contradicting, setting),
        "one example of another task": [
            other_task + prompts.few_shot(target.dialogue, (), setting.template) for target in targets
        ],
    }
    rows = []
    for name, prompted in texts.items():
        values = scored(lm, targets, prompted, setting).rougeL
        gap = metrics.bootstrap_difference(values, good.rougeL, setting.seed)
        rows.append(Misled(name, metrics.bootstrap(values, setting.seed), gap))
    return tuple(rows)


def groups(lm, targets, pool, found: Scored, setting: Setting) -> tuple[Group, ...]:
    """Dialogues of the pool itself, then the targets whose topic the pool knows, and those whose topic is new."""
    alike = Counter(row.convention for row in pool)
    own = [row for row in pool if alike[row.convention] > 1][: len(targets)]
    shown = [prompts.pick_examples(pool, row, 1, setting.seed) for row in own]
    known = {row.topic for row in pool}
    new = [target.topic not in known for target in targets]
    return tuple(
        group
        for group in (
            grouped("dialogues of the pool", scored(lm, own, few_shot(own, shown, setting), setting), None, setting),
            grouped("targets on topics of the pool", found, [not is_new for is_new in new], setting),
            grouped("targets on other topics", found, new, setting),
        )
        if group
    )


def grouped(name: str, found: Scored, chosen: list[bool] | None, setting: Setting) -> Group | None:
    """The chosen rows as one group; None when there are fewer than two, which have no interval."""
    rows = range(len(found.exact)) if chosen is None else [row for row, yes in enumerate(chosen) if yes]
    if len(rows) < 2:
        return None
    exact = sum(found.exact[row] for row in rows) / len(rows)
    return Group(name, len(rows), metrics.bootstrap(found.rougeL[list(rows)], setting.seed), exact)


def labels(lm: "LanguageModel", limit: int, setting: Setting) -> tuple[Labels, ...]:
    """Bundled reviews answered in each verbaliser; every review has an example of its own, drawn at random."""
    rows, pool = data.reviews("test")[:limit], data.reviews("train")
    shown = [random.Random(f"{setting.seed} {row.id}").choice(pool) for row in rows]
    plain = completed(lm, [prompts.classify_review(row.text) for row in rows], setting)
    found = []
    for words in VERBALISERS:
        said = dict(zip(data.SENTIMENTS, words, strict=True))
        texts = [
            prompts.classify_review(row.text, [(example.text, said[example.sentiment])])
            for row, example in zip(rows, shown, strict=True)
        ]
        shares = [
            metrics.bootstrap(
                [float(answer == said[row.sentiment]) for answer, row in zip(answers, rows, strict=True)], setting.seed
            )
            for answers in (plain, completed(lm, texts, setting))
        ]
        found.append(Labels(words, len(rows), *shares))
    return tuple(found)


def completed(lm: "LanguageModel", texts: Sequence[str], setting: Setting) -> list[str]:
    """Short greedy completions."""
    return generation.generate(lm, texts, generation.settings(LABEL_TOKENS), progress=setting.progress)
