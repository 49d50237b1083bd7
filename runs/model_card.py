"""Evaluate the course model and write its card in the hub's format: `python -m runs.model_card`.

Every number of the card is computed here, from the weights, the bundled data and the training log. DialogSum itself is
not bundled: `--dialogsum FOLDER` scores it too, and without a folder the figures of the last time are kept.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from runs import fillers
from runs.conventions import CONVENTIONS
from runs.frames import MADE_UP_TOPICS
from runs.patterns import PATTERNS
from runs.prompt_stream import PHASES
from runs.templates import SUMMARY, TEMPLATES
from runs.topics import TOPICS
from utils import claims, data, evaluate, metrics, models, runtime, units

OUT = runtime.assets_dir() / "course_model"
SHOTS = (0, 1, 2, 3, 5, 6)
REAL_ROWS = 100

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

Teaching. It summarises short everyday dialogues in the format of DialogSum and follows the convention of the examples in
its prompt. It also labels the sentiment of short reviews, names the topic of a dialogue, lists people, places and times,
answers questions whose answer stands in the text, turns a wish into a command of a small language, and says the next
turn. It knows no facts and no language beyond its training data; use it for nothing else.

## Training data

Written by the course's own generator (`runs/make_dialogues.py`, CC0; the [data card](../dialogues/README.md) has the
counts) and drawn anew for every prompt: {topics} topics, {patterns} dialogue patterns, {conventions} conventions for the
summary, prompts of 0 to 6 examples in {templates} wordings of {tasks} tasks. In {made_up:.0%} of the dialogues topic, roles and deed are
put together at random, and {invented:.0%} of names, places and things are made-up words, so that the model learns to copy what it
never met. Validation and test have names, places, things, prices and times of their own, and a share of the test is about
{unseen} topics that training never meets; days of the week and sentence patterns are shared.

## Training

{phases}

{steps} steps of about {budget} prompt tokens, {tokens} prompt tokens in all, AdamW with steps of at most {rate} of a weight's initial size, bf16
with fp32 master weights, seed {seed}: {minutes:.0f} minutes on {threads}. Loss over the last {every} steps: {loss:.3f} nats a
token.
Rebuild it with `python -m runs.train_course_model`.

## Evaluation

{n} test dialogues, greedy decoding in {precision}, 95 % bootstrap intervals over dialogues:

{table}

One example against none, ROUGE-L, paired: {gain}.

Examples that mislead, ROUGE-L and its paired difference from one good example:

{misled}

One example, by what is new in the dialogue. The dialogues of the pool share names, things and topics with training,
though training drew others; in the test every name, place, thing, price and time is new:

{groups}

Reviews, {n_reviews} from the test split, share answered with the right one of two words:

{labels}

Dialogues that people wrote: {n_hand} bundled ones by hand, and {real}. Both are
out of domain: the model knows the patterns of its generator and little else, so it names the right kind of thing and
invents the rest. They are reported as they are:

{others}

## Limits and risks

The dialogues follow patterns, so the first table says nothing about real conversation; the last one does. Prompts longer
than {window} tokens are read but were not seen in training. Every dialogue holds one request, which is granted or refused.
Names and roles are plain English. The model can repeat whatever stands in its prompt, and it states what it invents as
surely as what it read.
"""


def table(head: tuple[str, ...], rows) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def interval(value: dict) -> str:
    """An interval as `Interval` prints it."""
    return str(metrics.Interval(**value))


def plain(scores) -> list[dict]:
    """Scores without the values of single dialogues."""
    return [{key: value for key, value in asdict(score).items() if key != "rougeL_values"} for score in scores]


def measure(folder: Path, dialogsum: Path | None, before: dict) -> dict:
    """Every score of the card, as plain values for `evaluation.json`. before: what the file held."""
    lm = models.load(str(folder))
    test, pool = data.dialogues("course", "test"), data.dialogues("course", "train")
    scores = evaluate.score(lm, test, SHOTS, pool)
    by_hand = data.dialogues("handwritten", "test")
    found = {
        "precision": lm.precision,
        "parameters": lm.parameters,
        "scores": plain(scores),
        "one_shot_minus_zero_shot_rougeL": asdict(evaluate.difference(scores, 0, 1).rougeL),
        "claims": asdict(claims.measure(lm, test, pool)),
        "handwritten": plain(evaluate.score(lm, by_hand, (0, 1))),
        "dialogsum": before.get("dialogsum"),
    }
    if dialogsum:
        real, shown = data.dialogues(str(dialogsum), "test")[:REAL_ROWS], data.dialogues(str(dialogsum), "validation")
        found["dialogsum"] = plain(evaluate.score(lm, real, (0, 1), shown))
    return found


def phase_table() -> str:
    """What each phase of training draws, by batches."""
    rows = []
    for phase in PHASES:
        total = sum(phase.tasks.values())
        tasks = ", ".join(f"{task} {weight / total:.0%}" for task, weight in phase.tasks.items())
        shots = f"0 to {len(phase.shots) - 1}" if SUMMARY in phase.tasks else "none"
        rows.append((f"{phase.share:.1%}", tasks, shots, f"{phase.negated_share:.0%}"))
    return table(("share of steps", "tasks", "examples a prompt", "negations among reviews"), rows)


def card(folder: Path, found: dict) -> str:
    """The card's text."""
    training = json.loads((folder / "training.json").read_text())
    config = json.loads((folder / "config.json").read_text())
    told, real = found["claims"], found["dialogsum"]
    scored = [
        (s["shots"], *(interval(s[name]) for name in metrics.ROUGE_NAMES), f"{s['exact_match']:.3f}")
        for s in found["scores"]
    ]
    others = [
        (name, s["shots"], s["n"], interval(s["rouge1"]), interval(s["rougeL"]), f"{s['exact_match']:.3f}")
        for name, rows in (("hand-written", found["handwritten"]), ("DialogSum", real or []))
        for s in rows
    ]
    return CARD.format(
        parameters=f"{found['parameters']:,}",
        layers=f"{config['num_layers']} encoder and {config['num_decoder_layers']} decoder layers",
        d_model=config["d_model"],
        vocabulary=f"{config['vocab_size']:,}",
        weights=units.format_bytes((folder / "model.safetensors").stat().st_size),
        topics=sum(topic.seen for topic in TOPICS),
        unseen=sum(not topic.seen for topic in TOPICS),
        patterns=len(PATTERNS),
        conventions=len(CONVENTIONS),
        templates=sum(map(len, TEMPLATES.values())),
        tasks=len(TEMPLATES),
        made_up=MADE_UP_TOPICS,
        invented=fillers.INVENTED,
        phases=phase_table(),
        tokens=f"{training['prompt_tokens'] / 1e6:.1f} million",
        minutes=training["seconds"] / 60,
        threads="1 CPU thread" if training["threads"] == 1 else f"{training['threads']} CPU threads",
        every=training["loss_every_steps"],
        loss=training["loss_nats"][-1],
        n=found["scores"][0]["n"],
        precision=found["precision"],
        table=table(("examples", "ROUGE-1", "ROUGE-2", "ROUGE-L", "exact match"), scored),
        gain=interval(found["one_shot_minus_zero_shot_rougeL"]),
        misled=table(
            ("prompt", "ROUGE-L", "minus one good example"),
            [(m["name"], interval(m["rougeL"]), interval(m["minus_one_good"])) for m in told["misled"]],
        ),
        groups=table(
            ("dialogues", "n", "ROUGE-L", "exact match"),
            [(g["name"], g["n"], interval(g["rougeL"]), f"{g['exact_match']:.3f}") for g in told["groups"]],
        ),
        n_reviews=told["labels"][0]["n"],
        labels=table(
            ("words", "zero-shot", "one-shot"),
            [(" or ".join(row["words"]), interval(row["zero"]), interval(row["one"])) for row in told["labels"]],
        ),
        n_hand=found["handwritten"][0]["n"],
        real=f"{real[0]['n']} of DialogSum's test split" if real else "none of DialogSum (not measured)",
        others=table(("dialogues", "examples", "n", "ROUGE-1", "ROUGE-L", "exact match"), others),
        window=f"{config['n_positions']:,}",
        **{key: training["recipe"][key] for key in ("steps", "budget", "rate", "seed")},
    )


def write(folder: Path = OUT, dialogsum: Path | None = None) -> None:
    """Evaluate the model in `folder`; write `evaluation.json` and `README.md` beside it."""
    path = folder / "evaluation.json"
    found = measure(folder, dialogsum, json.loads(path.read_text()) if path.exists() else {})
    path.write_text(json.dumps(found, indent=1) + "\n")
    (folder / "README.md").write_text(card(folder, found), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--dialogsum", type=Path, help="a folder with DialogSum's validation and test rows")
    options = parser.parse_args()
    write(options.out, options.dialogsum)
