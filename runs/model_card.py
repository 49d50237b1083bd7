"""Evaluate the course model and write its card in the hub's format: `python -m runs.model_card`.

Every number of the card is computed here, from the weights, the bundled data and the training log.
"""

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from runs import fillers, reviews
from runs.conventions import CONVENTIONS
from runs.topics import TOPICS
from utils import data, evaluate, generation, metrics, models, prompts, runtime, units

OUT = runtime.assets_dir() / "course_model"
DIALOGUES = 200
SHOTS = (0, 1, 2, 3, 5, 6)

CARD = """\
---
license: cc0-1.0
language: en
library_name: transformers
pipeline_tag: summarization
tags: [t5, dialogue-summarization, in-context-learning, education]
---

# The course model

A small encoder-decoder of T5 v1.1 shape, trained from scratch for this course: {parameters} parameters,
{layers}, width {d_model}, {vocabulary} pieces of byte-pair encoding with byte fallback, weights in bf16
({weights} on disk).

## Intended use

Teaching. It summarises short everyday dialogues in the format of DialogSum, labels the sentiment of short reviews, and
follows the convention of the examples in its prompt. It knows no facts and no language beyond its training data; use it
for nothing else.

## Training data

Dialogues and reviews written by the course's own generator (`runs/make_dialogues.py`, CC0), drawn anew for every prompt:
{topics} topics, {conventions} conventions for the summary, prompts of 0 to 6 examples. {invented:.0%} of names, places and
things in training hold made-up words, so that the model learns to copy what it never met. Validation and test have names,
places, things, prices and times of their own; days of the week, reasons for a refusal and sentence patterns are shared.

## Training

{steps} steps of about {budget} prompt tokens, {tokens} prompt tokens in all, AdamW with steps of at most {rate} of a weight's initial size, bf16
with fp32 master weights, seed {seed}: {minutes:.0f} minutes on {threads} CPU threads. Loss at the end: {loss:.3f} nats a
token.
Rebuild it with `python -m runs.train_course_model`.

## Evaluation

{n} held-out dialogues (test split), greedy decoding, 95 % bootstrap intervals over dialogues:

{table}

One example against none, ROUGE-L, paired: {gain}.

Sentiment of {n_reviews} held-out reviews, answered in the words wanted: {default} zero-shot with Positive and Negative,
{zero} zero-shot and {one} one-shot with good and bad.

## Limits and risks

The dialogues follow patterns, so these scores say nothing about real conversation: on text it was not trained on, the
model invents. Prompts longer than {window} tokens are read but were not seen in training. Names and roles in the data are
plain English; a role is tied to a topic. The model can repeat whatever stands in its prompt.
"""


def shot_row(score: evaluate.ShotScore) -> str:
    """One line of the evaluation table."""
    return f"| {score.shots} | {score.rouge1} | {score.rouge2} | {score.rougeL} | {score.exact_match:.3f} |"


def share_right(
    lm: models.LanguageModel, rows: Iterable[data.Review], words: dict[str, str], shown: data.Review | None
):
    """Share of reviews answered in the words wanted, with its interval; `shown` is the one solved example."""
    rows = list(rows)
    examples = [(shown.text, words[shown.sentiment])] if shown else []
    answers = generation.generate(lm, [prompts.classify_review(row.text, examples) for row in rows], progress=False)
    right = [float(answer == words[row.sentiment]) for answer, row in zip(answers, rows, strict=True)]
    return metrics.bootstrap(right)


def measure(folder: Path) -> dict:
    """Scores on dialogues and reviews, as plain values for `evaluation.json` and the card."""
    lm = models.load(str(folder))
    test, pool, seen = data.dialogues("course", "test"), data.dialogues("course", "train"), data.reviews("test")
    scores = evaluate.score(lm, test, SHOTS, pool, limit=DIALOGUES)
    words = [dict(zip(("positive", "negative"), pair, strict=True)) for pair in reviews.VERBALISERS[:2]]
    shown = data.reviews("train")[0]
    return {
        "lm": lm,
        "scores": scores,
        "gain": evaluate.difference(scores, 0, 1).rougeL,
        "n_reviews": len(seen),
        "default": share_right(lm, seen, words[0], None),
        "zero": share_right(lm, seen, words[1], None),
        "one": share_right(lm, seen, words[1], shown),
    }


def card(folder: Path, found: dict) -> str:
    """The card's text."""
    training, config = json.loads((folder / "training.json").read_text()), found["lm"].model.config
    head = "| examples | ROUGE-1 | ROUGE-2 | ROUGE-L | exact match |\n|---|---|---|---|---|\n"
    return CARD.format(
        parameters=f"{found['lm'].parameters:,}",
        layers=f"{config.num_layers} encoder and {config.num_decoder_layers} decoder layers",
        d_model=config.d_model,
        vocabulary=f"{config.vocab_size:,}",
        weights=units.format_bytes((folder / "model.safetensors").stat().st_size),
        topics=len(TOPICS),
        conventions=len(CONVENTIONS),
        invented=fillers.INVENTED,
        tokens=f"{training['prompt_tokens'] / 1e6:.1f} million",
        minutes=training["seconds"] / 60,
        threads=training["threads"],
        loss=training["loss_nats"][-1],
        n=DIALOGUES,
        table=head + "\n".join(map(shot_row, found["scores"])),
        window=f"{config.n_positions:,}",
        **{key: training["recipe"][key] for key in ("steps", "budget", "rate", "seed")},
        **{key: found[key] for key in ("gain", "n_reviews", "default", "zero", "one")},
    )


def write(folder: Path = OUT) -> None:
    """Evaluate the model in `folder`; write `evaluation.json` and `README.md` beside it."""
    found = measure(folder)
    plain = {
        "dialogues": DIALOGUES,
        "scores": [{k: v for k, v in asdict(score).items() if k != "rougeL_values"} for score in found["scores"]],
        "one_shot_minus_zero_shot_rougeL": asdict(found["gain"]),
        "reviews": {key: asdict(found[key]) for key in ("default", "zero", "one")},
    }
    (folder / "evaluation.json").write_text(json.dumps(plain, indent=1) + "\n")
    (folder / "README.md").write_text(card(folder, found), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    write(parser.parse_args().out)
