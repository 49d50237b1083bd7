"""Train the course model's second edition: `python -m runs.second_edition.train`.

Model, optimizer and checkpoints are those of `runs.course_model.train`; the prompts are those of `batches`. A run takes
about 100 minutes on two free cores with bf16, and over three hours without. `--resume` goes on from the last
checkpoint, or, where there is none, from the weights in `begun/`, at which a run for the bundled model was broken off;
`--resume --pass-on` writes those.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from transformers import AutoTokenizer, PreTrainedTokenizerFast

from runs.course_model import train, train_tokenizer
from runs.course_model.batches import Batch
from runs.second_edition import batches
from utils import runtime

BEGUN = Path(__file__).with_name("begun")


@dataclass(frozen=True)
class Recipe(train.Recipe):
    """What a run depends on, beside the first edition's: with natural dialogues, and with sampled segmentation."""

    natural: bool = True
    sampled: bool = True

    @property
    def mixed(self) -> batches.Mixed:
        """What its batches depend on."""
        return batches.Mixed(self.seed, self.budget, self.most_shots, self.natural, self.sampled)


class Trainer(train.Trainer):
    """One training run of the second edition."""

    def stream(self, steps: range) -> Iterator[Batch]:
        """The batches of these steps."""
        return batches.batches(self.tokenizer, self.recipe.mixed, steps, self.recipe.steps)


def tokenizer(seed: int = 0, prompts: int = 20_000) -> PreTrainedTokenizerFast:
    """The second edition's tokenizer, from prompts of one example as training mixes them."""
    return train_tokenizer.train_on(batches.texts(seed, prompts))


def main() -> None:
    """Train and export."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--size", choices=train.SIZES, default=Recipe.size)
    parser.add_argument("--device", default=runtime.default_device())
    parser.add_argument("--threads", type=int, help="CPU threads, at most as many as cores are free; default: all")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--pass-on", action="store_true", help="write the weights so far to begun/, and end")
    o = parser.parse_args()
    work = runtime.project_root() / "_build" / "train" / o.out.name
    recipe = Recipe(seed=o.seed, steps=o.steps, size=o.size, device=o.device)
    runtime.start("full", recipe.seed, o.threads)
    begun = work if (work / "state.pt").exists() else BEGUN
    if o.resume and (begun / "state.pt").exists():
        trainer = Trainer(recipe, AutoTokenizer.from_pretrained(begun))
        trainer.load(begun / "state.pt")
        trainer.tokenizer.save_pretrained(work)
    else:
        trainer = Trainer(recipe, tokenizer(recipe.seed))
        trainer.tokenizer.save_pretrained(work)
    if o.pass_on:
        trainer.save_weights(BEGUN / "state.pt")
        trainer.tokenizer.save_pretrained(BEGUN)
        return
    trainer.run(work / "state.pt")
    train.export(trainer, o.out)


if __name__ == "__main__":
    main()
