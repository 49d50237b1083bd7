"""Scores of any model on any data set: by number of examples in the prompt, and the lectures' claims about examples.

python -m utils.evaluate --model course --data course --shots 0,1,2,3,5 --limit 200 --difference 0,1 --json
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from utils import data, generation, icl_claims, metrics, prompts, runtime
from utils.errors import CourseError
from utils.icl_claims import Claims
from utils.metrics import Interval

if TYPE_CHECKING:
    from utils.data import Dialogue
    from utils.models import LanguageModel

SHOTS = (0, 1, 2, 3, 5)
# Where examples come from, unless told otherwise; other data sets give them from their validation split.
POOLS = {"course": "train", "handwritten": "test"}
HEADER = f"{'shots':>5} {'n':>5} {'ROUGE-1':>21} {'ROUGE-2':>21} {'ROUGE-L':>21} {'exact':>6} {'tokens':>7} {'over':>5}"


@dataclass(frozen=True)
class ShotScore:
    """Scores of n dialogues, each prompted with the same number of examples.

    rouge1, rouge2, rougeL: mean F1 with its 95 % interval. exact_match: share in [0, 1].
    prompt_tokens_mean: tokens. over_window: prompts longer than the context window.
    rougeL_values: F1 per dialogue, in the order given, for paired comparisons.
    """

    shots: int
    n: int
    rouge1: Interval
    rouge2: Interval
    rougeL: Interval
    exact_match: float
    prompt_tokens_mean: float
    over_window: int
    rougeL_values: tuple[float, ...] = field(repr=False)

    def __str__(self) -> str:
        return (
            f"{self.shots:>5} {self.n:>5} {self.rouge1!s:>21} {self.rouge2!s:>21} {self.rougeL!s:>21} "
            f"{self.exact_match:>6.3f} {self.prompt_tokens_mean:>7.1f} {self.over_window:>5}"
        )


@dataclass(frozen=True)
class Difference:
    """ROUGE-L with `to` examples minus ROUGE-L with `base` examples, over the same dialogues."""

    base: int
    to: int
    rougeL: Interval

    def __str__(self) -> str:
        return f"ROUGE-L, {self.to} examples minus {self.base}: {self.rougeL}"


@dataclass(frozen=True)
class Report:
    """One evaluation: what was scored, how, and the scores."""

    model: str
    precision: str
    data: str
    split: str
    template: str
    seed: int
    scores: tuple[ShotScore, ...]
    difference: Difference | None = None
    claims: Claims | None = None

    def __str__(self) -> str:
        place = f"{self.data}/{self.split}, template {self.template}, seed {self.seed}"
        head = f"{self.model} ({self.precision}) on {place}"
        last = [str(self.difference)] if self.difference else []
        last += [str(self.claims)] if self.claims else []
        return "\n".join([head, HEADER, *map(str, self.scores), *last])


def score(
    lm: "LanguageModel",
    dialogues: "Sequence[Dialogue]",
    shots: Sequence[int] = SHOTS,
    pool: "Sequence[Dialogue] | None" = None,
    template: str = "flan",
    seed: int = 0,
    max_new_tokens: int = 60,
    limit: int | None = None,
    progress: bool = True,
) -> tuple[ShotScore, ...]:
    """Summarise every dialogue with each number of examples, greedily, and compare with the references.

    shots: numbers of examples, each ≥ 0. pool: where examples come from; None takes the other dialogues.
    limit: score the first so many dialogues. progress: a bar per number of examples on stderr.
    Returns one ShotScore per entry of `shots`.
    Raises CourseError for a limit below 2, repeated or negative shots, or a pool with too few examples.
    """
    _refuse(shots, limit)
    targets = list(dialogues)[:limit]
    pool = dialogues if pool is None else pool
    return tuple(_score_one(lm, targets, k, pool, template, seed, max_new_tokens, progress) for k in shots)


def difference(scores: Sequence[ShotScore], base: int, to: int, seed: int = 0) -> Difference:
    """ROUGE-L with `to` examples minus with `base`, paired by dialogue, with its 95 % interval.

    Raises CourseError when either number of examples was not scored.
    """
    values = {entry.shots: entry.rougeL_values for entry in scores}
    _refuse(tuple(values), None, (base, to))
    return Difference(base, to, metrics.bootstrap_difference(values[to], values[base], seed))


def evaluate(options: argparse.Namespace) -> Report:
    """Load the model and the data by name and score them, as the command line asks."""
    from utils import models

    o = options
    _refuse(o.shots, o.limit, o.difference)
    runtime.start(seed=o.seed)
    dialogues = data.dialogues(o.data, o.split)
    shown = any(o.shots) or o.claims
    pool = data.dialogues(o.data, o.pool or POOLS.get(o.data, "validation")) if shown else ()
    lm = models.load(o.model, o.precision)
    scores = score(lm, dialogues, o.shots, pool, o.template, o.seed, o.max_new_tokens, o.limit, not o.quiet)
    gap = difference(scores, *o.difference, o.seed) if o.difference else None
    setting = icl_claims.Setting(o.template, o.seed, o.max_new_tokens, not o.quiet)
    found = icl_claims.measure(lm, dialogues[: o.limit], pool, setting) if o.claims else None
    return Report(lm.name, lm.precision, o.data, o.split, o.template, o.seed, scores, gap, found)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Returns the exit code: 0, or 2 after an error told in one sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        report = evaluate(options)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(asdict(report), indent=2) if options.json else report)
    return 0


def _score_one(lm, targets, shots, pool, template, seed, max_new_tokens, progress) -> ShotScore:
    chosen = (prompts.pick_examples(pool, target, shots, seed) for target in targets)
    texts = [prompts.few_shot(t.dialogue, examples, template) for t, examples in zip(targets, chosen, strict=True)]
    meters = [prompts.token_meter(lm.tokenizer, text, lm.context_window) for text in texts]
    completions = generation.generate(lm, texts, generation.settings(max_new_tokens), progress=progress)
    references = [target.references or (target.summary,) for target in targets]
    table = metrics.rouge_table(completions, references)
    return ShotScore(
        shots,
        len(targets),
        *(metrics.bootstrap(values, seed) for values in (table.rouge1, table.rouge2, table.rougeL)),
        exact_match=sum(metrics.exact_match(completions, references)) / len(targets),
        prompt_tokens_mean=sum(meter.prompt_tokens for meter in meters) / len(targets),
        over_window=sum(not meter.fits for meter in meters),
        rougeL_values=tuple(map(float, table.rougeL)),
    )


def _refuse(shots: Sequence[int], limit: int | None, pair: Sequence[int] | None = None) -> None:
    if not shots or min(shots) < 0 or len(set(shots)) < len(shots):
        raise CourseError(f"shots must be different numbers of 0 or more, but {tuple(shots)} came: correct the list.")
    if limit is not None and limit < 2:
        raise CourseError(f"limit must be 2 or more for an interval, but {limit} came: raise it or leave it out.")
    if pair and (len(pair) != 2 or not set(pair) <= set(shots)):
        raise CourseError(f"The difference needs two numbers out of shots {tuple(shots)}, but {pair} came: correct it.")


def _integers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m utils.evaluate", description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="course", help="course, a hub id or a folder")
    parser.add_argument("--data", default="course", help="course, handwritten, a hub id or a folder")
    parser.add_argument("--split", default="test", help="train, validation or test")
    parser.add_argument("--pool", help="split that examples come from: train for course, else mostly validation")
    parser.add_argument("--shots", type=_integers, default=SHOTS, help="numbers of examples, with commas")
    parser.add_argument("--limit", type=int, help="score the first so many dialogues")
    parser.add_argument("--difference", type=_integers, help="two numbers of examples, base,to: adds to minus base")
    parser.add_argument("--claims", action="store_true", help="measure the lectures' claims about examples too")
    parser.add_argument("--template", default="flan", help=", ".join(prompts.TEMPLATES))
    parser.add_argument("--precision", default="auto", help="auto, fp32 or bf16")
    parser.add_argument("--max-new-tokens", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    return parser


if __name__ == "__main__":
    sys.exit(main())
