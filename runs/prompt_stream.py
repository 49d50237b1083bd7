"""Endless training batches: prompts of 0 to 6 examples and their completions, drawn from a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from runs import make_dialogues, reviews
from runs.conventions import CONVENTIONS, summarize
from runs.fillers import INVENTED, invented_word
from utils.data import Dialogue
from utils.prompts import classify_review, few_shot

SHOTS = range(7)
EARLY_SHOTS = (25, 60, 15, 0, 0, 0, 0)
LATE_SHOTS = (14, 38, 16, 11, 8, 7, 6)
SUMMARY, REVIEW, NEXT_TURN, REPEAT = "summary", "review", "next turn", "repeat"
TASKS = (SUMMARY, REVIEW, NEXT_TURN, REPEAT)
EARLY_TASKS = (65, 10, 5, 20)
LATE_TASKS = (80, 14, 6, 0)


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

    def repeat(self, shots: int) -> tuple[str, str]:
        """Words in any order are copied: the shortest road to attention that finds what to write; no `shots`."""
        words = next(self.dialogues)[0].split()
        line = " ".join([*self.rng.choices(words, k=self.rng.randint(3, 12)), invented_word(self.rng)])
        return f"Repeat this line:\n{line}", line

    def pairs(self, early: bool, budget: int) -> tuple[int, list[tuple[str, str]]]:
        """As many pairs of one task and one number of examples as fit `budget` tokens, roughly."""
        task = self.rng.choices(TASKS, EARLY_TASKS if early else LATE_TASKS)[0]
        shots = self.rng.choices(SHOTS, EARLY_SHOTS if early else LATE_SHOTS)[0] if task in (SUMMARY, REVIEW) else 0
        draw = {SUMMARY: self.summary, REVIEW: self.review, NEXT_TURN: self.next_turn, REPEAT: self.repeat}[task]
        length = (shots + 1) * (130 if task == SUMMARY else 25)
        return shots, [draw(shots) for _ in range(max(2, min(64, budget // length)))]


def collate(tokenizer, shots: int, pairs: list[tuple[str, str]]) -> Batch:
    """Tokenize and pad to few different lengths, since each new shape costs time and memory on CPU."""
    prompts, completions = zip(*pairs, strict=True)
    source = tokenizer(list(prompts), padding=True, pad_to_multiple_of=32, return_tensors="pt")
    target = tokenizer(list(completions), padding=True, pad_to_multiple_of=16, return_tensors="pt")
    labels = target["input_ids"].masked_fill(target["attention_mask"] == 0, -100)
    return Batch(shots, source["input_ids"], source["attention_mask"], labels)


def batches(tokenizer, seed: int, steps: range, total: int, budget: int) -> Iterator[Batch]:
    """The batches of `steps`; the first third of `total` repeats lines and shows few examples, the rest up to six.

    Each step has a seed of its own, so a resumed run sees what an unbroken one would have seen.
    """
    for step in steps:
        stream = PromptStream("train", seed * 1_000_003 + step)
        yield collate(tokenizer, *stream.pairs(step < total // 3, budget))
