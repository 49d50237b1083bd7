"""Scores of any model on any data set, by number of examples in the prompt.

python -m utils.evaluate --model course --data course --shots 0,1,2,3,5 --limit 200 --difference 0,1 --json
python -m utils.evaluate --model course --claims --json
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from utils import data, icl_claims, metrics, prompts, runtime, summary_claims
from utils.errors import CourseError
from utils.metrics import Interval
from utils.scoring import PromptOptions, Source, few_shot_prompts, score_prompts

if TYPE_CHECKING:
    from utils.data import Dialogue
    from utils.models import LanguageModel

SHOTS = (0, 1, 2, 3, 5)
# Where examples come from, unless told otherwise; other data sets give them from their validation split.
POOLS = {"course": "train", "natural": "train", "handwritten": "test"}
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
class Report(Source):
    """One evaluation: what was scored, how, and the scores."""

    scores: tuple[ShotScore, ...]
    difference: Difference | None = None

    def __str__(self) -> str:
        last = [str(self.difference)] if self.difference else []
        return "\n".join([super().__str__(), HEADER, *map(str, self.scores), *last])


@dataclass(frozen=True)
class ClaimsReport(Source):
    """One measurement of the claims about examples and about summaries: what was scored, how, and the figures."""

    claims: icl_claims.Claims
    summaries: summary_claims.SummaryClaims

    def __str__(self) -> str:
        return f"{super().__str__()}\n{self.claims}\n{self.summaries}"


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
    _refuse(shots)
    _refuse_limit(limit)
    targets = list(dialogues)[:limit]
    pool = dialogues if pool is None else pool
    return tuple(_score_one(lm, targets, k, pool, template, seed, max_new_tokens, progress) for k in shots)


def difference(scores: Sequence[ShotScore], base: int, to: int, seed: int = 0) -> Difference:
    """ROUGE-L with `to` examples minus with `base`, paired by dialogue, with its 95 % interval.

    Raises CourseError when either number of examples was not scored.
    """
    values = {entry.shots: entry.rougeL_values for entry in scores}
    _refuse(tuple(values), (base, to))
    return Difference(base, to, metrics.bootstrap_difference(values[to], values[base], seed))


def read_inputs(
    options: argparse.Namespace, with_pool: bool = True
) -> "tuple[LanguageModel, list[Dialogue], list[Dialogue]]":
    """The model, the dialogues and the pool of examples that a command line names; without the pool, an empty one.

    Raises CourseError when a name leads nowhere, or for a limit below 2.
    """
    from utils import models

    _refuse_limit(options.limit)
    runtime.start(seed=options.seed)
    dialogues = data.dialogues(options.data, options.split)
    pool = data.dialogues(options.data, options.pool or POOLS.get(options.data, "validation")) if with_pool else []
    return models.load(options.model, options.precision), dialogues, pool


def evaluate(options: argparse.Namespace) -> Report:
    """Score the model and the data that the command line names. Raises CourseError as `score` and `difference` do."""
    o = options
    _refuse(o.shots, o.difference)
    lm, dialogues, pool = read_inputs(o, with_pool=any(o.shots))
    scores = score(lm, dialogues, o.shots, pool, o.template, o.seed, o.max_new_tokens, o.limit, not o.quiet)
    gap = difference(scores, *o.difference, o.seed) if o.difference else None
    return Report(lm.name, lm.precision, o.data, o.split, o.template, o.seed, scores, gap)


def evaluate_claims(options: argparse.Namespace) -> ClaimsReport:
    """Measure the claims on what the command line names. Raises CourseError as `read_inputs` and the measures do."""
    o = options
    lm, dialogues, pool = read_inputs(o)
    prompted = PromptOptions(o.template, o.seed, o.max_new_tokens, not o.quiet)
    measured = (module.measure(lm, dialogues[: o.limit], pool, prompted) for module in (icl_claims, summary_claims))
    return ClaimsReport(lm.name, lm.precision, o.data, o.split, o.template, o.seed, *measured)


def parser() -> argparse.ArgumentParser:
    """The options: which model, on what, how prompted, what is measured, how it is printed."""
    made = argparse.ArgumentParser(prog="python -m utils.evaluate", description=__doc__.split("\n")[0])
    made.add_argument("--model", default="course", help="course, a hub id or a folder")
    made.add_argument("--data", default="course", help="course, natural, handwritten, a hub id or a folder")
    made.add_argument("--split", default="test", help="train, validation or test")
    made.add_argument("--pool", help="split that examples come from: train for course, else mostly validation")
    made.add_argument("--limit", type=int, help="score the first so many dialogues")
    made.add_argument("--template", default="flan", help=", ".join(prompts.TEMPLATES))
    made.add_argument("--precision", default="auto", help="auto, fp32 or bf16")
    made.add_argument("--max-new-tokens", type=int, default=60)
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--json", action="store_true", help="print JSON instead of a table")
    made.add_argument("--quiet", action="store_true", help="no progress bars")
    made.add_argument("--shots", type=_integers, default=SHOTS, help="numbers of examples, with commas")
    made.add_argument("--difference", type=_integers, help="two numbers of examples, base,to: adds to minus base")
    made.add_argument("--claims", action="store_true", help="what lectures claim of examples, and what is right")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: measure and print, as text or JSON.

    Returns the exit code: 0, or 2 after a CourseError, told in one sentence on stderr.
    """
    options = parser().parse_args(arguments)
    try:
        report = evaluate_claims(options) if options.claims else evaluate(options)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(asdict(report), indent=2) if options.json else report)
    return 0


def _score_one(lm, targets, shots, pool, template, seed, max_new_tokens, progress) -> ShotScore:
    chosen = [prompts.pick_examples(pool, target, shots, seed) for target in targets]
    texts = few_shot_prompts(targets, chosen, template)
    meters = [prompts.token_meter(lm.tokenizer, text, lm.context_window) for text in texts]
    found = score_prompts(lm, targets, texts, max_new_tokens, progress)
    return ShotScore(
        shots,
        len(targets),
        *(metrics.bootstrap(getattr(found.rouge, name), seed) for name in metrics.ROUGE_NAMES),
        exact_match=sum(found.exact) / len(targets),
        prompt_tokens_mean=sum(meter.prompt_tokens for meter in meters) / len(targets),
        over_window=sum(not meter.fits for meter in meters),
        rougeL_values=tuple(map(float, found.rouge.rougeL)),
    )


def _refuse(shots: Sequence[int], pair: Sequence[int] | None = None) -> None:
    if not shots or min(shots) < 0 or len(set(shots)) < len(shots):
        raise CourseError(f"shots must be different numbers of 0 or more, but {tuple(shots)} came: correct the list.")
    if pair and (len(pair) != 2 or not set(pair) <= set(shots)):
        raise CourseError(f"The difference needs two numbers out of shots {tuple(shots)}, but {pair} came: correct it.")


def _refuse_limit(limit: int | None) -> None:
    if limit is not None and limit < 2:
        raise CourseError(f"limit must be 2 or more for an interval, but {limit} came: raise it or leave it out.")


def _integers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
