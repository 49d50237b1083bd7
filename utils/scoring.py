"""Completions of prompts compared with references: what every evaluation does with each of its prompts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from utils import generation, metrics, prompts

if TYPE_CHECKING:
    from utils.data import Dialogue
    from utils.models import LanguageModel


@dataclass(frozen=True)
class Source:
    """What was scored and how: the model, the dialogues, the prompt's template and the seed."""

    model: str
    precision: str
    data: str
    split: str
    template: str
    seed: int

    def __str__(self) -> str:
        place = f"{self.data}/{self.split}, template {self.template}, seed {self.seed}"
        return f"{self.model} ({self.precision}) on {place}"


@dataclass(frozen=True)
class PromptOptions:
    """What all prompts of one measurement share. max_new_tokens: tokens of a summary. progress: bars on stderr."""

    template: str = "flan"
    seed: int = 0
    max_new_tokens: int = 60
    progress: bool = True


DEFAULT = PromptOptions()


@dataclass(frozen=True, eq=False)
class PromptScores:
    """ROUGE, three arrays of shape (N,), and exact matches of the completions of N prompts."""

    rouge: metrics.RougeTable
    exact: list[bool]
    completions: list[str] = field(repr=False)


def few_shot_prompts(
    targets: "Sequence[Dialogue]", examples: "Sequence[Sequence[Dialogue]]", template: str = "flan"
) -> list[str]:
    """One prompt for each target, with examples of its own. Raises CourseError as `prompts.few_shot` does."""
    pairs = zip(targets, examples, strict=True)
    return [prompts.few_shot(target.dialogue, shown, template) for target, shown in pairs]


def score_prompts(
    lm: "LanguageModel",
    targets: "Sequence[Dialogue]",
    texts: Sequence[str],
    max_new_tokens: int = 60,
    progress: bool = True,
) -> PromptScores:
    """Complete each prompt greedily and compare the completion with its target's references.

    targets: N dialogues. texts: their N prompts, in the same order. progress: a bar on stderr.
    Raises CourseError as `generation.generate` does.
    """
    completions = generation.generate(lm, texts, generation.settings(max_new_tokens), progress=progress)
    references = [target.references or (target.summary,) for target in targets]
    return PromptScores(
        metrics.rouge_table(completions, references), metrics.exact_match(completions, references), completions
    )
