"""Evaluate the course model and write its card in the hub's format: `python -m runs.course_model.card`.

The card's prose is in `card.md`; every number is computed here, from the weights, the bundled data and the training
log. DialogSum itself is not bundled: `--dialogsum FOLDER` scores it too. `--twin FOLDER` sets beside them the figures
of a model that the same recipe trained from another seed. Without these folders the last figures are kept.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from runs import manifest
from runs.cards import table
from runs.course_model.batches import PHASES
from runs.course_model.templates import SUMMARY, TEMPLATES
from runs.dialogues import fillers
from runs.dialogues.conventions import CONVENTIONS
from runs.dialogues.events import MADE_UP_TOPICS
from runs.dialogues.patterns import PATTERNS
from runs.dialogues.topics import TOPICS
from utils import bundled, data, evaluate, icl_claims, metrics, models, units

OUT = bundled.FOLDER / "course_model"
SHOTS = (0, 1, 2, 3, 5, 6)
REAL_ROWS = 100

TEMPLATE = Path(__file__).with_name("card.md")


def interval(value: dict) -> str:
    """An interval as `Interval` prints it."""
    return str(metrics.Interval(**value))


def plain(scores) -> list[dict]:
    """Scores without the values of single dialogues."""
    return [{key: value for key, value in asdict(score).items() if key != "rougeL_values"} for score in scores]


def measure(folder: Path, dialogsum: Path | None, before: dict) -> dict:
    """Every score of one model, as plain values for `evaluation.json`. before: what the file held."""
    lm = models.load(str(folder))
    test, pool = data.dialogues("course", "test"), data.dialogues("course", "train")
    scores = evaluate.score(lm, test, SHOTS, pool)
    by_hand = data.dialogues("handwritten", "test")
    found = {
        "precision": lm.precision,
        "parameters": lm.parameters,
        "scores": plain(scores),
        "one_shot_minus_zero_shot_rougeL": asdict(evaluate.difference(scores, 0, 1).rougeL),
        "claims": asdict(icl_claims.measure(lm, test, pool)),
        "handwritten": plain(evaluate.score(lm, by_hand, (0, 1))),
        "dialogsum": before.get("dialogsum"),
    }
    if dialogsum:
        real, shown = data.dialogues(str(dialogsum), "test")[:REAL_ROWS], data.dialogues(str(dialogsum), "validation")
        found["dialogsum"] = plain(evaluate.score(lm, real, (0, 1), shown))
    return found


def headlines(found: dict) -> dict[str, float]:
    """The figures that two seeds are compared by."""
    shots, claims = {score["shots"]: score for score in found["scores"]}, found["claims"]
    return {
        "ROUGE-L, no example": shots[0]["rougeL"]["mean"],
        "ROUGE-L, one example": shots[1]["rougeL"]["mean"],
        "ROUGE-L, six examples": shots[6]["rougeL"]["mean"],
        "one example minus none": found["one_shot_minus_zero_shot_rougeL"]["mean"],
        "exact match, one example": shots[1]["exact_match"],
        **{f"{m['name']}, minus one good example": m["minus_one_good"]["mean"] for m in claims["misled"]},
        **{f"ROUGE-L, {g['name']}": g["rougeL"]["mean"] for g in claims["groups"]},
        **{f"reviews, {' or '.join(row['words'])}, one example": row["one"]["mean"] for row in claims["labels"]},
    }


def twin_table(found: dict, seed: int) -> str:
    """Both seeds side by side; a sentence where no twin was measured."""
    twin = found["twin"]
    if not twin:
        return "No model of another seed was measured, so the noise between seeds is not known."
    ours, theirs = headlines(found), headlines(twin["evaluation"])
    rows = [(name, f"{ours[name]:.3f}", f"{theirs[name]:.3f}", f"{theirs[name] - ours[name]:+.3f}") for name in ours]
    head = ("figure", f"seed {seed}", f"seed {twin['seed']}", "difference")
    return f"The same recipe from another seed, to tell noise from effect:\n\n{table(head, rows)}"


def phase_table() -> str:
    """What each phase of training draws, by batches."""
    rows = []
    for phase in PHASES:
        total = sum(phase.tasks.values())
        tasks = ", ".join(f"{task} {weight / total:.0%}" for task, weight in phase.tasks.items())
        shots = f"0 to {len(phase.shots) - 1}" if SUMMARY in phase.tasks else "none"
        rows.append((f"{phase.share:.1%}", tasks, shots, f"{phase.negated_share:.0%}"))
    return table(("share of steps", "tasks", "examples a prompt", "negations among reviews"), rows)


def generator_facts() -> dict[str, object]:
    """What the card says of the text that training draws from."""
    return {
        "topics": sum(topic.seen for topic in TOPICS),
        "unseen": sum(not topic.seen for topic in TOPICS),
        "patterns": len(PATTERNS),
        "conventions": len(CONVENTIONS),
        "templates": sum(map(len, TEMPLATES.values())),
        "tasks": len(TEMPLATES),
        "made_up": MADE_UP_TOPICS,
        "invented": fillers.INVENTED,
        "phases": phase_table(),
    }


def training_facts(folder: Path) -> dict[str, object]:
    """What the card says of the model's shape and its training, from the files beside it."""
    training = json.loads((folder / "training.json").read_text())
    config = json.loads((folder / "config.json").read_text())
    return {
        "layers": f"{config['num_layers']} encoder and {config['num_decoder_layers']} decoder layers",
        "d_model": config["d_model"],
        "vocabulary": f"{config['vocab_size']:,}",
        "window": f"{config['n_positions']:,}",
        "weights": units.format_bytes((folder / "model.safetensors").stat().st_size),
        "tokens": f"{training['prompt_tokens'] / 1e6:.1f} million",
        "minutes": training["seconds"] / 60,
        "threads": "1 CPU thread" if training["threads"] == 1 else f"{training['threads']} CPU threads",
        "every": training["loss_every_steps"],
        "loss": training["loss_nats"][-1],
        **{key: training["recipe"][key] for key in ("steps", "budget", "rate", "seed")},
    }


def claim_tables(claims: dict) -> dict[str, object]:
    """The figures of the lectures' claims about examples."""
    misled = [(m["name"], interval(m["rougeL"]), interval(m["minus_one_good"])) for m in claims["misled"]]
    groups = [(g["name"], g["n"], interval(g["rougeL"]), f"{g['exact_match']:.3f}") for g in claims["groups"]]
    labels = [(" or ".join(row["words"]), interval(row["zero"]), interval(row["one"])) for row in claims["labels"]]
    return {
        "misled": table(("prompt", "ROUGE-L", "minus one good example"), misled),
        "groups": table(("dialogues", "n", "ROUGE-L", "exact match"), groups),
        "labels": table(("words", "zero-shot", "one-shot"), labels),
        "n_reviews": claims["labels"][0]["n"],
    }


def score_tables(found: dict) -> dict[str, object]:
    """Scores by number of examples, on the course's dialogues and on those that people wrote."""
    real = found["dialogsum"]
    scored = [
        (s["shots"], *(interval(s[name]) for name in metrics.ROUGE_NAMES), f"{s['exact_match']:.3f}")
        for s in found["scores"]
    ]
    others = [
        (name, s["shots"], s["n"], interval(s["rouge1"]), interval(s["rougeL"]), f"{s['exact_match']:.3f}")
        for name, rows in (("hand-written", found["handwritten"]), ("DialogSum", real or []))
        for s in rows
    ]
    return {
        "n": found["scores"][0]["n"],
        "table": table(("examples", "ROUGE-1", "ROUGE-2", "ROUGE-L", "exact match"), scored),
        "gain": interval(found["one_shot_minus_zero_shot_rougeL"]),
        "n_hand": found["handwritten"][0]["n"],
        "real": f"{real[0]['n']} of DialogSum's test split" if real else "none of DialogSum (not measured)",
        "others": table(("dialogues", "examples", "n", "ROUGE-1", "ROUGE-L", "exact match"), others),
    }


def card(folder: Path, found: dict) -> str:
    """The card's text. found: what `evaluation.json` holds."""
    training = training_facts(folder)
    return TEMPLATE.read_text(encoding="utf-8").format(
        parameters=f"{found['parameters']:,}",
        precision=found["precision"],
        twins=twin_table(found, training["seed"]),
        **generator_facts(),
        **training,
        **score_tables(found),
        **claim_tables(found["claims"]),
    )


def write(folder: Path = OUT, dialogsum: Path | None = None, twin: Path | None = None) -> None:
    """Evaluate the model in `folder`; write `evaluation.json` and `README.md` beside it."""
    path = folder / "evaluation.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    found = measure(folder, dialogsum, before) | {"twin": before.get("twin")}
    if twin:
        seed = json.loads((twin / "training.json").read_text())["recipe"]["seed"]
        found["twin"] = {"seed": seed, "evaluation": json.loads((twin / "evaluation.json").read_text())}
    path.write_text(json.dumps(found, indent=1) + "\n")
    manifest.record([path], "runs.course_model.card")
    (folder / "README.md").write_text(card(folder, found), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--dialogsum", type=Path, help="a folder with DialogSum's validation and test rows")
    parser.add_argument("--twin", type=Path, help="the folder of a model trained from another seed")
    options = parser.parse_args()
    write(options.out, options.dialogsum, options.twin)
