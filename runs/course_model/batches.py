"""Endless training batches, phase by phase: span corruption, few examples, up to six examples; drawn from a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from runs.course_model import tasks, templates
from runs.dialogues import reviews
from runs.dialogues.fillers import invented_word
from utils.models.infilling import random_spans
from utils.prompts import EXAMPLE_GAP

CORRUPTION, REPEAT = "span corruption", "repeat"


@dataclass(frozen=True)
class Phase:
    """A share of the training steps; tasks and shots are weights of what a step draws.

    negated_share: of reviews. A model that meets many negations before it knows the words learns neither. With a third
    of all reviews negated a word alone tells next to nothing, and 500 batches of reviews stayed at chance; with one in
    twenty the loss left its plateau after 100. So only the last phase has many.
    """

    share: float
    tasks: dict[str, float]
    shots: tuple[float, ...]
    negated_share: float = 0.05


MIXTURE = {
    templates.SUMMARY: 56,
    templates.SENTIMENT: 16,
    templates.TOPIC: 5,
    templates.ENTITIES: 7,
    templates.QUESTION: 9,
    templates.COMMAND: 6,
    templates.NEXT_TURN: 3,
    REPEAT: 4,
}
FEW_SHOTS = (25, 60, 15)
MANY_SHOTS = (14, 34, 17, 12, 9, 8, 6)
PHASES = (
    Phase(0.125, {CORRUPTION: 55, REPEAT: 45}, (1,)),
    Phase(0.275, MIXTURE, FEW_SHOTS),
    Phase(0.30, MIXTURE, MANY_SHOTS),
    Phase(0.30, MIXTURE | {templates.SENTIMENT: 22}, MANY_SHOTS, negated_share=0.3),
)
MOST_PAIRS = 128  # bounds a batch of short prompts


@dataclass(frozen=True)
class Batch:
    """B prompts of one task with the same number of examples; ids are padded with 0, labels with −100."""

    task: str
    shots: int
    input_ids: torch.Tensor  # (B, T)
    attention_mask: torch.Tensor  # (B, T)
    labels: torch.Tensor  # (B, T')


class PromptStream:
    """Draws encoded (prompt, completion) pairs; the same seed gives the same pairs."""

    def __init__(self, tokenizer, split: str, seed: int, negated_share: float = reviews.NEGATED_SHARE):
        self.tokenizer, self.rng = tokenizer, random.Random(f"prompts {split} {seed}")
        self.sources = tasks.sources(split, seed, negated_share)

    def encode(self, text: str) -> list[int]:
        """Tokens with the end token."""
        return self.tokenizer(text)["input_ids"]

    def pair(self, task: str, shots: int, template: int) -> tuple[list[int], list[int]]:
        """One prompt and its completion, in tokens."""
        if task == CORRUPTION:
            return self.corrupted()
        if task == REPEAT:
            return self.repeated()
        drawn = tasks.DRAW[task](self.sources, shots)
        prompt, answer = tasks.prompt(templates.TEMPLATES[task][template], drawn, EXAMPLE_GAP)
        return self.encode(prompt), self.encode(answer)

    def corrupted(self) -> tuple[list[int], list[int]]:
        """T5's pre-training: spans of a dialogue and its report give way to sentinels, and the spans are the answer."""
        text, frame = next(self.sources.dialogues)
        return corrupt(self.tokenizer, self.encode(f"{text}\n{tasks.report(self.sources, frame)}"), self.rng)

    def repeated(self) -> tuple[list[int], list[int]]:
        """Words in any order are copied: the shortest road to attention that finds what to write."""
        words = next(self.sources.dialogues)[0].split()
        words = [*self.rng.choices(words, k=self.rng.randint(3, 12)), invented_word(self.rng)]
        line = " ".join(words + [invented_word(self.rng).lower() for _ in range(self.rng.randint(0, 2))])
        return self.encode(templates.REPEAT[0] + line + templates.REPEAT[1]), self.encode(line)

    def pairs(self, phase: Phase, budget: int) -> tuple[str, int, list[tuple[list[int], list[int]]]]:
        """As many pairs of one task, one template and one number of examples as fit `budget` prompt tokens, roughly."""
        task = self.rng.choices(list(phase.tasks), list(phase.tasks.values()))[0]
        shots = self.rng.choices(range(len(phase.shots)), phase.shots)[0] if task in templates.TEMPLATES else 0
        # The first template, which labs and evaluation use, comes up more often than the others.
        template = max(0, self.rng.randrange(-2, len(templates.TEMPLATES.get(task, ("",)))))
        first = self.pair(task, shots, template)
        count = max(2, min(MOST_PAIRS, budget // len(first[0])))
        return task, shots, [first, *(self.pair(task, shots, template) for _ in range(count - 1))]


def corrupt(tokenizer, ids: list[int], rng: random.Random) -> tuple[list[int], list[int]]:
    """Spans of a text give way to sentinels, and the spans are the answer. ids: tokens with the end token.

    Source: Raffel et al., Exploring the Limits of Transfer Learning (2020).
    """
    *ids, end = ids
    sentinels = iter(tokenizer.convert_tokens_to_ids([f"<extra_id_{i}>" for i in range(100)]))
    prompt, answer = [], []
    kept = 0
    for start, stop in random_spans(len(ids), rng):
        sentinel = next(sentinels)
        prompt += [*ids[kept:start], sentinel]
        answer += [sentinel, *ids[start:stop]]
        kept = stop
    return [*prompt, end], [*answer, next(sentinels), end]


def padded(rows: list[list[int]], multiple: int, value: int) -> torch.Tensor:
    """(B, T) with T a multiple of `multiple`: few shapes, since each new one costs time and memory on CPU."""
    length = -(-max(map(len, rows)) // multiple) * multiple
    return torch.tensor([row + [value] * (length - len(row)) for row in rows])


def collate(task: str, shots: int, pairs: list[tuple[list[int], list[int]]]) -> Batch:
    """Pad prompts and completions."""
    prompts, completions = zip(*pairs, strict=True)
    ids = padded(prompts, 32, 0)
    return Batch(task, shots, ids, (ids != 0).long(), padded(completions, 16, -100))


def phase_of(step: int, total: int, phases: tuple[Phase, ...] = PHASES) -> Phase:
    """The phase that `step` of `total` belongs to."""
    passed = 0.0
    for phase in phases[:-1]:
        passed += phase.share
        if step < round(passed * total):
            return phase
    return phases[-1]


def batches(tokenizer, seed: int, steps: range, total: int, budget: int, most_shots: int = 6) -> Iterator[Batch]:
    """The batches of `steps`; prompts show at most `most_shots` examples.

    Each step has a seed of its own, so a resumed run sees what an unbroken one would have seen.
    """
    for step in steps:
        phase = phase_of(step, total)
        # The factor is more than any run has steps, so no two seeds share a batch.
        stream = PromptStream(tokenizer, "train", seed * 1_000_003 + step, phase.negated_share)
        yield collate(*stream.pairs(replace(phase, shots=phase.shots[: most_shots + 1]), budget))
