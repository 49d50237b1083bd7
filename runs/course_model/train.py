"""Train the course model from scratch: `python -m runs.course_model.train`.

A T5-v1.1-shaped encoder-decoder learns span corruption first, then the tasks of `runs.course_model.tasks` from prompts
of 0 to 6 examples. Weights, gradients and activations are bf16 where that is faster than fp32; AdamW keeps fp32 master
weights. Every weight's step is in proportion to how large it starts, much as in T5's own optimizer. A checkpoint is
written now and then, and `--resume` goes on from the last one. A run takes a good hour on two free cores.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from tqdm import tqdm
from transformers import (
    AutoTokenizer,
    GenerationConfig,
    T5Config,
    T5ForConditionalGeneration,
    get_linear_schedule_with_warmup,
)

from runs import manifest
from runs.course_model import batches, card, train_tokenizer
from runs.course_model.card import OUT
from utils import runtime
from utils.errors import CourseError
from utils.models.loading import bf16_is_faster

CONTEXT_WINDOW = 1280
CHECKPOINT_EVERY = 250
WARMUP = 100
# Batches that Adam's averages are taken over where a checkpoint holds none; those of squares span some 50 steps.
AVERAGED = 50
EXPORTED = (
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "training.json",
)
# name: d_model, d_kv, d_ff, encoder layers, decoder layers. Decoder layers cost time at every token, so there are few.
SIZES = {"1m": (80, 20, 160, 3, 2), "3m": (160, 40, 320, 4, 2), "8m": (256, 64, 640, 4, 2)}


@dataclass(frozen=True)
class Recipe:
    """What a run depends on. budget: prompt tokens a step. rate: peak step as a share of a weight's initial size.

    size: a key of SIZES. most_shots: most examples that a training prompt shows.
    """

    seed: int = 0
    steps: int = 6400
    budget: int = 4096
    rate: float = 0.04
    size: str = "8m"
    most_shots: int = 6
    device: str = "cpu"


def shape(vocab: int, size: str) -> T5Config:
    """T5 v1.1: gated GELU (in the form that PyTorch computes in one call), untied output layer, no dropout."""
    d_model, d_kv, d_ff, encoder_layers, decoder_layers = SIZES[size]
    return T5Config(
        vocab_size=vocab,
        d_model=d_model,
        d_kv=d_kv,
        d_ff=d_ff,
        num_layers=encoder_layers,
        num_decoder_layers=decoder_layers,
        num_heads=4,
        # PyTorch computes this form in one call, a quarter faster on CPU than T5 v1.1's own, the same function.
        feed_forward_proj="gated-gelu_pytorch_tanh",
        tie_word_embeddings=False,
        dropout_rate=0.0,
        n_positions=CONTEXT_WINDOW,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
    )


def new_model(vocab: int, seed: int, size: str = Recipe.size) -> T5ForConditionalGeneration:
    """Fresh fp32 weights with an output layer of its own, which transformers 5 ties to the embedding when left alone.

    It starts as a scaled copy of the embedding: to copy any token is then one linear map, which a few steps find, and
    the first loss is near the logarithm of the vocabulary.
    """
    torch.manual_seed(seed)
    model = T5ForConditionalGeneration(shape(vocab, size))
    # The fused attention has no fast path while its position bias is trained; on CPU eager is a quarter faster.
    model.set_attn_implementation("eager")
    model.config.tie_word_embeddings = False
    model.lm_head.weight = torch.nn.Parameter(model.shared.weight.detach() * model.config.d_model**-0.5)
    return model


def initial_rms(name: str, weight: torch.Tensor) -> float:
    """What a weight's steps are measured by: its root mean square at the start.

    Position biases are added to attention scores and must reach several units before a head can tell neighbours from
    the rest, so they step as if they started at 1.
    """
    # T5 does not scale its attention scores. With one Adam rate for all weights they saturate within a few hundred
    # steps, the loss stops near 1.2 nats, and the model never learns to copy.
    return 1.0 if "relative_attention_bias" in name else weight.square().mean().sqrt().item()


def schedule(optimizer: torch.optim.Optimizer, steps: int, made: int = 0) -> torch.optim.lr_scheduler.LambdaLR:
    """The rate of the next step as a share of each group's `initial_lr`: the lower of two straight lines.

    One rises by 1 / WARMUP a step from there, the other falls from 1 before the first step to 0 after the last.
    made: steps that were made before.
    """
    top = (steps + 1) / (steps + WARMUP)  # where the lines cross: after top * WARMUP steps, top high
    for group in optimizer.param_groups:
        group["initial_lr"] = group["peak"] * top
    # transformers' schedule counts from a step of rate zero; that one is left out.
    return get_linear_schedule_with_warmup(optimizer, top * WARMUP, steps + 1, last_epoch=made)


class Trainer:
    """One training run: bf16 working weights, fp32 master weights, AdamW, linear warm-up and decay."""

    def __init__(self, recipe: Recipe, tokenizer):
        self.recipe, self.tokenizer, self.step, self.losses, self.seconds = recipe, tokenizer, 0, [], 0.0
        model = new_model(len(tokenizer), recipe.seed, recipe.size).to(recipe.device)
        self.master = [p.detach().clone() for p in model.parameters()]
        # Where bf16 is no faster, as on processors without instructions for it, the passes are in fp32 too.
        is_fast = recipe.device != "cpu" or bf16_is_faster()
        self.model = model.to(torch.bfloat16 if is_fast else torch.float32).train()
        names = [name for name, _ in model.named_parameters()]
        peaks = [recipe.rate * initial_rms(name, p) for name, p in zip(names, self.master, strict=True)]
        groups = [{"params": [p], "peak": peak} for p, peak in zip(self.master, peaks, strict=True)]
        # 0.98 as in Vaswani et al. 2017: the average of squares spans some 50 steps. T5 does without weight decay.
        self.optimizer = torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98), weight_decay=0.0)
        self.schedule = schedule(self.optimizer, recipe.steps)

    def stream(self, steps: range) -> Iterator[batches.Batch]:
        """The batches of these steps."""
        r = self.recipe
        return batches.batches(self.tokenizer, r.seed, steps, r.steps, r.budget, r.most_shots)

    def update(self, batch: batches.Batch) -> float:
        """One optimizer step; returns the loss in nats per completion token."""
        to = self.recipe.device
        mask, labels = batch.attention_mask.to(to), batch.labels.to(to)
        memory = self.model.encoder(input_ids=batch.input_ids.to(to), attention_mask=mask).last_hidden_state
        states = self.model.decoder(
            input_ids=self.model.prepare_decoder_input_ids_from_labels(labels),
            encoder_hidden_states=memory,
            encoder_attention_mask=mask,
            use_cache=False,
        ).last_hidden_state  # (B, T', d_model)
        is_target = labels != -100
        # The output layer sees targets alone: on padding it would cost as much, and fp32 keeps the loss exact.
        logits = self.model.lm_head(states[is_target]).float()  # (targets, V)
        loss = torch.nn.functional.cross_entropy(logits, labels[is_target])
        loss.backward()
        # A step is often smaller than bf16 can add to a weight, so it is taken in fp32 and rounded for the next pass.
        for master, working in zip(self.master, self.model.parameters(), strict=True):
            master.grad, working.grad = working.grad.float(), None
        torch.nn.utils.clip_grad_norm_(self.master, 1.0)
        self.optimizer.step()
        self.schedule.step()
        with torch.no_grad():
            for master, working in zip(self.master, self.model.parameters(), strict=True):
                working.copy_(master)
        return loss.item()

    @runtime.without_denormals()  # saturated attention leaves numbers below 1e-38, which halve the speed on CPU
    def run(self, checkpoint: Path) -> None:
        """Train to the end, with a progress bar and a checkpoint now and then."""
        stream = self.stream(range(self.step, self.recipe.steps))
        bar, start = (
            tqdm(stream, initial=self.step, total=self.recipe.steps, mininterval=5),
            time.perf_counter() - self.seconds,
        )
        for batch in bar:
            self.losses.append((batch.task, batch.shots, batch.input_ids.numel(), self.update(batch)))
            self.step += 1
            self.seconds = time.perf_counter() - start
            if self.step % CHECKPOINT_EVERY == 0:
                recent = [loss for *_, loss in self.losses[-CHECKPOINT_EVERY:]]
                bar.set_postfix(loss=f"{sum(recent) / len(recent):.3f}")
                self.save(checkpoint)

    def save(self, path: Path) -> None:
        """Write the checkpoint whole or not at all: a run that is killed leaves the one before."""
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {"recipe": vars(self.recipe), "step": self.step, "losses": self.losses, "seconds": self.seconds}
        with runtime.write_atomically(path) as unfinished:
            torch.save({**state, "master": self.master, "optimizer": self.optimizer.state_dict()}, unfinished)

    def save_weights(self, path: Path) -> None:
        """Write a sixth of a checkpoint, for a run that goes on elsewhere: weights in bf16, without the optimizer."""
        with runtime.write_atomically(path) as unfinished:
            state = {"recipe": vars(self.recipe), "step": self.step, "losses": self.losses, "seconds": self.seconds}
            torch.save({**state, "master": [weight.bfloat16() for weight in self.master]}, unfinished)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint of the same recipe; the device may differ.

        Where it holds no optimizer (`save_weights`), Adam's averages are taken over the next batches first.
        """
        state = torch.load(path, map_location=self.recipe.device)
        came, wanted = ({**recipe, "device": None} for recipe in (state["recipe"], vars(self.recipe)))
        if came != wanted:
            raise CourseError(
                f"The checkpoint should come from the recipe {wanted}, but it comes from {came}: "
                "pass the same options or start without --resume."
            )
        self.step, self.losses, self.seconds = state["step"], state["losses"], state["seconds"]
        with torch.no_grad():
            for master, saved, working in zip(self.master, state["master"], self.model.parameters(), strict=True):
                working.copy_(master.copy_(saved))
        if "optimizer" in state:
            self.optimizer.load_state_dict(state["optimizer"])
        else:
            self.fill_averages()
        self.schedule = schedule(self.optimizer, self.recipe.steps, self.step)

    @runtime.without_denormals()
    def fill_averages(self) -> None:
        """Adam's averages over the next AVERAGED batches, with steps of length 0."""
        for group in self.optimizer.param_groups:
            group["lr"] = 0.0
        # A schedule of its own, which leaves the rate where it is.
        self.schedule = torch.optim.lr_scheduler.ConstantLR(self.optimizer, 1.0)
        for batch in self.stream(range(self.step, min(self.step + AVERAGED, self.recipe.steps))):
            self.update(batch)


def export(trainer: Trainer, folder: Path) -> None:
    """Write what `from_pretrained` needs (weights in bf16), and the loss curve as means over 50 steps."""
    folder.mkdir(parents=True, exist_ok=True)
    model, config = trainer.model.to(torch.bfloat16).eval(), trainer.model.config
    model.generation_config = GenerationConfig(
        max_new_tokens=64, pad_token_id=0, eos_token_id=1, decoder_start_token_id=config.decoder_start_token_id
    )
    model.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    # The two settings say one thing, and the older name is the one that every version of transformers reads.
    saved = {key: value for key, value in config.to_dict().items() if key != "scale_decoder_outputs"}
    (folder / "config.json").write_text(json.dumps({**saved, "tie_word_embeddings": False}, indent=2) + "\n")
    trainer.tokenizer.save_pretrained(folder)
    every = 50
    blocks = [trainer.losses[i : i + every] for i in range(0, len(trainer.losses), every)]
    training = {
        "recipe": vars(trainer.recipe),
        "seconds": round(trainer.seconds, 1),
        "threads": torch.get_num_threads(),
        "prompt_tokens": sum(tokens for _, _, tokens, _ in trainer.losses),
        "loss_every_steps": every,
        "loss_nats": [round(sum(loss for *_, loss in block) / len(block), 4) for block in blocks],
    }
    (folder / "training.json").write_text(json.dumps(training, indent=1) + "\n")
    manifest.record([folder / name for name in EXPORTED], "runs.course_model.train")


def main() -> None:
    """Train, export, evaluate, write the model card."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--size", choices=SIZES, default=Recipe.size)
    parser.add_argument("--most-shots", type=int, default=Recipe.most_shots, help="most examples in a training prompt")
    parser.add_argument("--device", default=runtime.default_device())
    # Threads that outnumber the free cores wait for each other by spinning: beside another program a run is ten times
    # slower, not twice. One thread kept to one core (`taskset`) goes on at its own pace; of two, each waits
    # for the one that was held up.
    parser.add_argument("--threads", type=int, help="CPU threads, at most as many as cores are free; default: all")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    options = parser.parse_args()
    work = runtime.project_root() / "_build" / "train" / options.out.name
    recipe = Recipe(
        seed=options.seed,
        steps=options.steps,
        size=options.size,
        most_shots=options.most_shots,
        device=options.device,
    )
    runtime.start("full", recipe.seed, options.threads)
    if options.resume and (work / "state.pt").exists():
        trainer = Trainer(recipe, AutoTokenizer.from_pretrained(work))
        trainer.load(work / "state.pt")
    else:
        trainer = Trainer(recipe, train_tokenizer.train(recipe.seed))
        trainer.tokenizer.save_pretrained(work)
    trainer.run(work / "state.pt")
    export(trainer, options.out)
    card.write(options.out)


if __name__ == "__main__":
    main()
