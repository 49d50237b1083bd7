"""Endless training batches: prompts of 0 to 6 examples and their completions, drawn from a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from runs import make_dialogues, reviews
from runs.conventions import CONVENTIONS, summarize
from runs.fillers import INVENTED
from utils.data import Dialogue
from utils.prompts import classify_review, few_shot

SHOTS = range(7)
EARLY = (25, 60, 15, 0, 0, 0, 0)
LATE = (14, 38, 16, 11, 8, 7, 6)
SUMMARY, REVIEW, NEXT_TURN = "summary", "review", "next turn"
TASKS, TASK_WEIGHTS = (SUMMARY, REVIEW, NEXT_TURN), (80, 14, 6)


@dataclass(frozen=True)
class Batch:
    """B prompts of the same task and number of examples; ids are padded with 0, labels with −100."""

    shots: int
    input_ids: torch.Tensor  # (B, T)
    attention_mask: torch.Tensor  # (B, T)
    labels: torch.Tensor  # (B, T')


class PromptStream:
    """Draws (prompt, completion) pairs; the same seed gives the same pairs."""

    def __init__(self, split: str, seed: int):
        self.rng = random.Random(f"prompts {split} {seed}")
        self.dialogues = make_dialogues.stream(split, seed, INVENTED)
        self.reviews = reviews.stream(split, seed)

    def summary(self, shots: int) -> tuple[str, str]:
        """One convention for all examples and the target; only the examples show which."""
        convention = self.rng.choice(CONVENTIONS)
        solved = []
        for i in range(shots + 1):
            text, frame = next(self.dialogues)
            solved.append(Dialogue(str(i), text, summarize(frame, convention), frame.topic.name))
        *examples, target = solved
        name = self.rng.choices(("flan", "instruction"), (3, 1))[0]
        return few_shot(target.dialogue, examples, name), target.summary

    def review(self, shots: int) -> tuple[str, str]:
        """Without an example the labels are Positive and Negative; examples may show any other pair."""
        words = self.rng.choice(reviews.VERBALISERS) if shots else reviews.VERBALISERS[0]
        label = dict(zip(("positive", "negative"), words, strict=True))
        solved = [(text, label[sentiment]) for text, sentiment in (next(self.reviews) for _ in range(shots + 1))]
        *examples, (text, answer) = solved
        return classify_review(text, examples), answer

    def next_turn(self, shots: int) -> tuple[str, str]:
        """A dialogue without any instruction is continued; `shots` does not matter."""
        turns = next(self.dialogues)[0].split("\n")
        cut = self.rng.randrange(1, len(turns))
        return "\n".join(turns[:cut]), turns[cut]

    def pairs(self, weights: tuple[int, ...], budget: int) -> tuple[int, list[tuple[str, str]]]:
        """As many pairs of one task and one number of examples as fit `budget` tokens, roughly."""
        task = self.rng.choices(TASKS, TASK_WEIGHTS)[0]
        shots = self.rng.choices(SHOTS, weights)[0] if task != NEXT_TURN else 0
        draw = {SUMMARY: self.summary, REVIEW: self.review, NEXT_TURN: self.next_turn}[task]
        length = (shots + 1) * (25 if task == REVIEW else 130)
        return shots, [draw(shots) for _ in range(max(2, min(64, budget // length)))]


def collate(tokenizer, shots: int, pairs: list[tuple[str, str]]) -> Batch:
    """Tokenize and pad to few different lengths, since each new shape costs time and memory on CPU."""
    prompts, completions = zip(*pairs, strict=True)
    source = tokenizer(list(prompts), padding=True, pad_to_multiple_of=32, return_tensors="pt")
    target = tokenizer(list(completions), padding=True, pad_to_multiple_of=16, return_tensors="pt")
    labels = target["input_ids"].masked_fill(target["attention_mask"] == 0, -100)
    return Batch(shots, source["input_ids"], source["attention_mask"], labels)


def batches(tokenizer, seed: int, steps: range, total: int, budget: int) -> Iterator[Batch]:
    """The batches of `steps`; the first third of `total` shows few examples, the rest up to six.

    Each step has a seed of its own, so a resumed run sees what an unbroken one would have seen.
    """
    for step in steps:
        stream = PromptStream("train", seed * 1_000_003 + step)
        yield collate(tokenizer, *stream.pairs(EARLY if step < total // 3 else LATE, budget))
