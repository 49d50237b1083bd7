"""Endless training batches, phase by phase: span corruption, few examples, up to six examples; drawn from a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from runs import words
from runs.course_model import templates
from runs.course_model.batches import CORRUPTION, MOST_PAIRS, REPEAT, Batch, Phase, collate, corrupt, phase_of
from runs.course_model.tasks import prompt
from runs.dialogues import reviews
from runs.dialogues.fillers import invented_word
from runs.natural.records import Record
from runs.second_edition import tasks
from utils.data.conventions import CONVENTIONS
from utils.prompts import EXAMPLE_GAP

MIXTURE = {
    templates.SUMMARY: 64,
    templates.SENTIMENT: 14,
    templates.TOPIC: 4,
    templates.ENTITIES: 5,
    templates.QUESTION: 8,
    templates.COMMAND: 5,
    templates.NEXT_TURN: 4,
    REPEAT: 4,
}
PIECES = "pieces"
FEW_SHOTS = (25, 60, 15)
MANY_SHOTS = (16, 32, 18, 12, 9, 7, 6)
PHASES = (
    Phase(0.08, {PIECES: 80, REPEAT: 20}, (1,)),
    Phase(0.06, {CORRUPTION: 55, REPEAT: 35, PIECES: 10}, (1,)),
    Phase(0.26, MIXTURE, FEW_SHOTS),
    Phase(0.30, MIXTURE, MANY_SHOTS),
    Phase(0.30, MIXTURE | {templates.SENTIMENT: 20}, MANY_SHOTS, negated_share=0.3),
)
# Share of prompts in a sampled segmentation, and of the words that are cut in them.
SAMPLED_PROMPTS, CUT_WORDS = 0.5, 0.1


@dataclass(frozen=True)
class Mixed:
    """What a run's batches depend on.

    budget: tokens a batch, where an answer's count twice. most_shots: most examples in a prompt.
    natural: with natural dialogues.
    sampled: some prompts in a sampled segmentation.
    """

    seed: int = 0
    budget: int = 4096
    most_shots: int = 6
    natural: bool = True
    sampled: bool = True


class Segmenter:
    """Turns a prompt and its completion into tokens, in their own segmentation or in a sampled one.

    In a sampled segmentation some words are cut at a random place first, the same word at the same place throughout, so
    that the model learns to copy any run of pieces. Same purpose as BPE-dropout, which cuts a word anew wherever it
    stands, so that the answer's pieces are not the prompt's, and which tokenizers draws without a seed.
    Source: Provilkov et al., BPE-Dropout (2020).
    """

    def __init__(self, tokenizer, rng: random.Random, share: float):
        self.tokenizer, self.rng, self.share = tokenizer, rng, share
        self.split = tokenizer.backend_tokenizer.pre_tokenizer.pre_tokenize_str
        self.end = tokenizer.eos_token_id
        special = set(tokenizer.all_special_ids)
        self.ordinary = [i for i in range(len(tokenizer)) if i not in special]

    def plain(self, text: str) -> list[int]:
        """Tokens with the end token."""
        return self.tokenizer(text)["input_ids"]

    def pair(self, prompt: str, answer: str) -> tuple[list[int], list[int]]:
        """Tokens of both with the end token, in a share of the pairs with CUT_WORDS of the words cut."""
        if self.rng.random() >= self.share:
            return self.plain(prompt), self.plain(answer)
        cuts: dict[str, int] = {}
        return self._cut(prompt, cuts), self._cut(answer, cuts)

    def _cut(self, text: str, cuts: dict[str, int]) -> list[int]:
        """Tokens with words cut. cuts: how many letters the first part of a word has, 0 for a whole one; added to."""
        pieces = []
        for spaced, _ in self.split(text):
            word = spaced.strip()
            if word not in cuts:
                is_cut = len(word) > 2 and not word.startswith("#") and self.rng.random() < CUT_WORDS
                cuts[word] = self.rng.randrange(1, len(word)) if is_cut else 0
            at = cuts[word] and cuts[word] + len(spaced) - len(spaced.lstrip())
            pieces += [spaced[:at], spaced[at:]] if at else [spaced]
        encoded = self.tokenizer.backend_tokenizer.encode_batch(pieces, add_special_tokens=False)
        return [*(token for piece in encoded for token in piece.ids), self.end]


class PromptStream:
    """Draws encoded (prompt, completion) pairs; the same seed gives the same pairs."""

    def __init__(
        self,
        tokenizer,
        split: str,
        seed: int,
        negated_share: float = reviews.NEGATED_SHARE,
        natural: tuple[Record, ...] | None = None,
        sampled: bool = True,
    ):
        self.rng = random.Random(f"prompts {split} {seed}")
        self.segmenter = Segmenter(tokenizer, self.rng, SAMPLED_PROMPTS if sampled else 0.0)
        self.sources = tasks.sources(split, seed, negated_share, natural)

    def pair(self, task: str, shots: int, template: int) -> tuple[list[int], list[int]]:
        """One prompt and its completion, in tokens."""
        if task == CORRUPTION:
            return self.corrupted()
        if task == REPEAT:
            return self.repeated()
        if task == PIECES:
            return self.pieces()
        drawn = tasks.DRAW[task](self.sources, shots)
        return self.segmenter.pair(*prompt(templates.TEMPLATES[task][template], drawn, EXAMPLE_GAP))

    def pieces(self) -> tuple[list[int], list[int]]:
        """Pieces of the vocabulary in any order, none twice, are copied: only the prompt's order tells what comes next.

        Attention that looks it up appears all at once: in a trial run the loss on lines to repeat fell from 4.8 to 0.8
        nats a token between step 200 and 320. In one without this task it was at 5.5 after 500 steps; words of many
        sources leave little to guess, and so little to begin from.
        """
        ids = self.rng.sample(self.segmenter.ordinary, self.rng.randint(3, 24))
        before, end = self.segmenter.plain(templates.REPEAT[0])[:-1], self.segmenter.end
        return [*before, *ids, end], [*ids, end]

    def scene(self, natural_share: float) -> tuple[str, tasks.Scene]:
        """A dialogue and what it tells."""
        s = self.sources
        scene = tasks.scene(s, bool(s.natural) and self.rng.random() < natural_share)
        return tasks.text_of(s, scene), scene

    def corrupted(self) -> tuple[list[int], list[int]]:
        """T5's pre-training: spans of dialogue and summary give way to sentinels, and the spans are the answer."""
        text, scene = self.scene(0.7)
        ids = self.segmenter.plain(f"{text}\n{tasks.summary_of(scene, self.rng.choice(CONVENTIONS))}")
        return corrupt(self.segmenter.tokenizer, ids, self.rng)

    def repeated(self) -> tuple[list[int], list[int]]:
        """Words in any order are copied: the shortest road to attention that finds what to write."""
        known = self.scene(0.5)[0].split()
        line = [*self.rng.choices(known, k=self.rng.randint(3, 10)), invented_word(self.rng)]
        line += [self.rng.choice(words.things()), self.rng.choice(words.first_names(self.rng.choice("fm")))]
        line += [invented_word(self.rng).lower() for _ in range(self.rng.randint(0, 2))]
        self.rng.shuffle(line)
        text = " ".join(line)
        return self.segmenter.pair(templates.REPEAT[0] + text + templates.REPEAT[1], text)

    def pairs(self, phase: Phase, budget: int) -> tuple[str, int, list[tuple[list[int], list[int]]]]:
        """As many pairs of one task, one template and one number of examples as fit `budget` tokens, roughly."""
        task = self.rng.choices(list(phase.tasks), list(phase.tasks.values()))[0]
        shots = self.rng.choices(range(len(phase.shots)), phase.shots)[0] if task in templates.TEMPLATES else 0
        # The first template, which labs and evaluation use, comes up more often than the others.
        template = max(0, self.rng.randrange(-2, len(templates.TEMPLATES.get(task, ("",)))))
        first = self.pair(task, shots, template)
        # An answer's token counts twice: the output layer over the whole vocabulary costs what the layers below do.
        count = max(2, min(MOST_PAIRS, budget // (len(first[0]) + 2 * len(first[1]))))
        return task, shots, [first, *(self.pair(task, shots, template) for _ in range(count - 1))]


def texts(seed: int, prompts: int) -> Iterator[str]:
    """Prompts of one example and their completions, task by task as training mixes them."""
    rng, stream = random.Random(seed), tasks.sources("train", seed, Phase.negated_share)
    for _ in range(prompts):
        task = rng.choices(templates.TASKS, [MIXTURE[task] for task in templates.TASKS])[0]
        yield from prompt(rng.choice(templates.TEMPLATES[task]), tasks.DRAW[task](stream, 1), EXAMPLE_GAP)


def batches(tokenizer, mixed: "Mixed", steps: range, total: int) -> Iterator[Batch]:
    """The batches of `steps` out of `total`.

    Each step has a seed of its own, so a resumed run sees what an unbroken one would have seen.
    """
    natural = None if mixed.natural else ()
    for step in steps:
        phase = phase_of(step, total, PHASES)
        # The factor is more than any run has steps, so no two seeds share a batch.
        seed = mixed.seed * 1_000_003 + step
        stream = PromptStream(tokenizer, "train", seed, phase.negated_share, natural, mixed.sampled)
        yield collate(*stream.pairs(replace(phase, shots=phase.shots[: mixed.most_shots + 1]), mixed.budget))
