"""Train small variants of the course model and compare them: `python -m runs.course_model.ablate`.

Two questions, one table. Does a model that never saw an example in a training prompt gain from examples in a test
prompt? Does a larger model need examples less, or gain more from them? All variants see the same data for the same
number of steps. Variants that the table already holds are not trained again.
"""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

from runs import manifest
from runs.course_model import train_tokenizer
from runs.course_model.train import OUT, Recipe, Trainer, export
from utils import data, evaluate, models, runtime

TABLE = OUT / "ablations.json"
STEPS = 1600
BASE = Recipe(steps=STEPS, size="3m")
VARIANTS = {
    "1 M": replace(BASE, size="1m"),
    "3 M": BASE,
    "8 M": replace(BASE, size="8m"),
    "3 M, no examples in training": replace(BASE, most_shots=0),
}
SHOTS = (0, 1, 3)
DIALOGUES = 200


def without_device(recipe: Recipe) -> dict:
    """What a result depends on: on which device it was computed is no part of it."""
    return {key: value for key, value in asdict(recipe).items() if key != "device"}


def variant(name: str, recipe: Recipe, tokenizer, work: Path) -> dict:
    """Train one variant and score it; returns its row of the table."""
    folder = work / name.lower().replace(" ", "-").replace(",", "")
    trainer = Trainer(recipe, tokenizer)
    if (folder / "state.pt").exists():
        trainer.load(folder / "state.pt")
    trainer.run(folder / "state.pt")
    export(trainer, folder)
    lm = models.load(str(folder))
    pool, test = data.dialogues("course", "train"), data.dialogues("course", "test")
    scores = evaluate.score(lm, test, SHOTS, pool, limit=DIALOGUES)
    return {
        "name": name,
        "recipe": without_device(recipe),
        "parameters": lm.parameters,
        "dialogues": DIALOGUES,
        "rougeL": {str(score.shots): asdict(score.rougeL) for score in scores},
        "exact_match": {str(score.shots): score.exact_match for score in scores},
        "one_minus_zero": asdict(evaluate.difference(scores, 0, 1).rougeL),
    }


def main(arguments: list[str] | None = None) -> None:
    """Train what the table lacks; the table is written after each variant."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=TABLE)
    parser.add_argument("--threads", type=int, help="CPU threads; default: one per core")
    parser.add_argument("--only", choices=VARIANTS, help="one variant")
    options = parser.parse_args(arguments)
    runtime.start("full", BASE.seed, options.threads)
    rows = json.loads(options.out.read_text())["variants"] if options.out.exists() else []
    tokenizer = train_tokenizer.train(BASE.seed)
    for name, recipe in VARIANTS.items():
        recipe = replace(recipe, device=runtime.default_device())
        if options.only in (None, name) and not any(row["recipe"] == without_device(recipe) for row in rows):
            row = variant(name, recipe, tokenizer, runtime.project_root() / "_build" / "ablate")
            rows = [kept for kept in rows if kept["name"] != name] + [row]
            options.out.write_text(json.dumps({"variants": rows}, indent=1) + "\n")
            manifest.record([options.out], "runs.course_model.ablate")


if __name__ == "__main__":
    main()
