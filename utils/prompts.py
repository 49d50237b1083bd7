"""Zero-, one- and few-shot prompts, how examples are chosen, and the token meter.

A K-shot prompt shows K solved examples before the question; K = 0 is zero-shot.
Source: Brown et al., Language Models are Few-Shot Learners (2020).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from utils.data import Dialogue
from utils.errors import CourseError

# Two empty lines end an example: one alone stands inside the templates.
EXAMPLE_GAP = "\n\n\n"


@dataclass(frozen=True)
class Template:
    """How one dialogue is put to the model: what stands before it and what is asked after it."""

    name: str
    before: str
    after: str

    def fill(self, dialogue: str) -> str:
        """The prompt for one dialogue, up to the place where the summary is expected."""
        return f"{self.before}{dialogue}{self.after}"


TEMPLATES = {
    "bare": Template("bare", before="", after=""),
    "instruction": Template("instruction", before="Summarize this conversation.\n\n", after="\n\nSummary:\n"),
    "flan": Template("flan", before="Dialogue:\n", after="\n\nWhat was going on?\n"),
}


@dataclass(frozen=True)
class TokenMeter:
    """How full the context window is. Counts are tokens."""

    prompt_tokens: int
    max_new_tokens: int
    context_window: int

    @property
    def free(self) -> int:
        """Tokens left; negative when the window is exceeded."""
        return self.context_window - self.prompt_tokens - self.max_new_tokens

    @property
    def fits(self) -> bool:
        """True when prompt and completion fit together."""
        return self.free >= 0

    def __str__(self) -> str:
        used = self.prompt_tokens + self.max_new_tokens
        bar = "█" * min(20, round(20 * used / self.context_window))
        verdict = f"{self.free} free" if self.fits else f"{-self.free} too many"
        return (
            f"{bar:░<20} {self.prompt_tokens} prompt + {self.max_new_tokens} new "
            f"of {self.context_window} tokens, {verdict}"
        )


def template(name: str) -> Template:
    """The template called `name`. Raises CourseError for an unknown name."""
    if name not in TEMPLATES:
        raise CourseError(
            f"The template should be one of {', '.join(TEMPLATES)}, but {name!r} came: choose one of them."
        )
    return TEMPLATES[name]


def few_shot(target: str, examples: Sequence[Dialogue] = (), template_name: str = "flan") -> str:
    """A K-shot prompt: K solved dialogues, then the target without its summary.

    target: text of the dialogue to summarise. examples: K solved dialogues, in the order shown; none gives zero-shot.
    Returns the prompt text. Raises CourseError for an empty target or when the target is among the examples.

    >>> few_shot("#Person1#: Hi.", template_name="instruction")
    'Summarize this conversation.\\n\\n#Person1#: Hi.\\n\\nSummary:\\n'
    """
    if not target.strip():
        raise CourseError("The target dialogue should hold text, but it is empty: pass the dialogue to summarise.")
    if any(example.dialogue == target for example in examples):
        raise CourseError(
            "The examples should leave the target out, but one of them is the target with its summary: "
            "choose them with pick_examples."
        )
    form = template(template_name)
    solved = [form.fill(example.dialogue) + example.summary + EXAMPLE_GAP for example in examples]
    return "".join(solved) + form.fill(target)


def classify_review(text: str, examples: Sequence[tuple[str, str]] = ()) -> str:
    """A K-shot prompt that asks for the sentiment of a review.

    text: the review. examples: K pairs (review, label).
    Returns the prompt text. Raises CourseError for an empty review.

    >>> classify_review("Fine.", [("Bad.", "Negative")])
    'Classify this review:\\nBad.\\nSentiment:\\nNegative\\n\\n\\nClassify this review:\\nFine.\\nSentiment:\\n'
    """
    if not text.strip():
        raise CourseError("The review should hold text, but it is empty: pass the review to classify.")
    solved = [f"Classify this review:\n{review}\nSentiment:\n{label}{EXAMPLE_GAP}" for review, label in examples]
    return "".join(solved) + f"Classify this review:\n{text}\nSentiment:\n"


def pick_examples(pool: Sequence[Dialogue], target: Dialogue, shots: int, seed: int = 0) -> list[Dialogue]:
    """K solved dialogues for `target`, drawn at random from those that follow the same convention.

    pool: where examples may come from. shots: K ≥ 0. Returns K different dialogues, never the target's own text.
    The draw depends on seed and target alone, and the K-shot list opens with the (K−1)-shot one.
    Raises CourseError when the pool holds too few.
    """
    fit = [d for d in pool if d.convention == target.convention and d.dialogue != target.dialogue]
    if shots < 0 or len(fit) < shots:
        raise CourseError(
            f"{shots} examples were asked for, but the pool holds {len(fit)} that follow the target's convention "
            "and are not the target: ask for fewer or pass a larger pool."
        )
    # A generator of its own for each target: what is drawn for one does not depend on which others were asked before.
    random.Random(f"{seed} {target.id}").shuffle(fit)
    return fit[:shots]


def pick_contradicting(pool: Sequence[Dialogue], target: Dialogue, seed: int = 0) -> list[Dialogue]:
    """Two solved dialogues that contradict each other: one as `pick_examples` takes it, then one that does not fit.

    Where conventions are known, the second follows another one; where not, each has the other's summary.
    Raises CourseError when the pool holds too few.
    """
    others = [d for d in pool if d.convention != target.convention]
    if others:
        return [*pick_examples(pool, target, 1, seed), random.Random(f"{seed} {target.id}").choice(others)]
    one, two = pick_examples(pool, target, 2, seed)
    return [replace(one, summary=two.summary), replace(two, summary=one.summary)]


def token_meter(tokenizer, prompt: str, context_window: int, max_new_tokens: int = 0) -> TokenMeter:
    """Count the prompt's tokens, end-of-sequence token included, against the context window.

    tokenizer: gives a dict with "input_ids", as those of transformers do. context_window, max_new_tokens: tokens.
    T5 reads beyond its window, only less well, so nothing else says that a prompt is too long.

    >>> print(token_meter(lambda text: {"input_ids": text.split()}, "a prompt of six short words", 10, 2))
    ████████████████░░░░ 6 prompt + 2 new of 10 tokens, 2 free
    """
    return TokenMeter(len(tokenizer(prompt)["input_ids"]), max_new_tokens, context_window)
