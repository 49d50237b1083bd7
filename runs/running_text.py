"""Train the small decoder that continues text in chapter 03: `python -m runs.running_text`.

A GPT-2 of half a million parameters reads the training dialogues of `utils/assets/natural`, without their tags, one
behind the other. A table holds which of its continuations end in a loop; `--seeds 3` trains and counts two models more,
of which only the first is bundled. A few minutes a seed on one free core.
"""

import argparse
import json
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch.nn import functional as F
from tqdm import tqdm
from transformers import GenerationConfig, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from runs import manifest
from utils import bundled, data
from utils.runtime import without_denormals
from utils.training import domain_pretraining
from utils.training.schedules import warmup_and_decay

FOLDER = bundled.FOLDER / "running_text"
VOCABULARY, WINDOW, WIDTH, LAYERS, HEADS = 2048, 256, 80, 4, 4
EPOCHS, BATCH, PEAK, WARMUP = 3, 16, 3e-3, 30
STARTS, START_TOKENS, NEW_TOKENS = 64, 20, 200
RULES = {"greedy": {}, "sampling": {"do_sample": True, "top_k": 0}, "4 beams": {"num_beams": 4}}


class Written(NamedTuple):
    """What one seed's model writes: its loss on held-out text, and for each rule which texts end in a loop."""

    seed: int
    loss: float
    loops: dict[str, list[bool]]


def texts(split: str) -> list[str]:
    """The dialogues of a split as lines of talk, without tags."""
    lines = [[turn.split(": ", 1)[1] for turn in d.dialogue.split("\n")] for d in data.dialogues("natural", split)]
    return ["\n".join(turns) + "\n" for turns in lines]


def tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE of the training text; the end token stands before each dialogue."""
    from tokenizers import decoders

    made = domain_pretraining.train_bpe(texts("train"), VOCABULARY)
    made.decoder = decoders.ByteLevel()
    end = domain_pretraining.END
    return PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token=end, pad_token=end, bos_token=end, clean_up_tokenization_spaces=False
    )


def batches(tok: Any, seed: int) -> list[torch.Tensor]:
    """(B, T) blocks of the stream of dialogues, in another order each time through."""
    chance, found, train = torch.Generator().manual_seed(seed), [], texts("train")
    for _ in range(EPOCHS):
        order = torch.randperm(len(train), generator=chance).tolist()
        found.append(domain_pretraining.blocks(tok.backend_tokenizer, [train[i] for i in order], WINDOW))
    return list(torch.cat(found).split(BATCH))


@without_denormals()
def train(tok: Any, seed: int) -> GPT2LMHeadModel:
    """A decoder trained on the next token, by AdamW."""
    torch.manual_seed(seed)
    shape = {"vocab_size": VOCABULARY, "n_positions": WINDOW, "n_embd": WIDTH, "n_layer": LAYERS, "n_head": HEADS}
    ends = {"bos_token_id": tok.eos_token_id, "eos_token_id": tok.eos_token_id, "pad_token_id": tok.eos_token_id}
    net = GPT2LMHeadModel(GPT2Config(**shape, **ends))
    steps = batches(tok, seed)
    optimizer = torch.optim.AdamW(net.parameters(), PEAK, betas=(0.9, 0.98), weight_decay=0.1)
    schedule = warmup_and_decay(optimizer, len(steps), WARMUP, "cosine")
    for x in tqdm(steps, desc=f"seed {seed}"):
        logits = net(input_ids=x).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), x[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return net.eval()


def ends_in_loop(text: str) -> bool:
    """Whether the text ends in three copies of one piece."""
    return any(text.endswith(3 * text[-size:]) for size in range(2, len(text) // 3 + 1))


@torch.inference_mode()
def continued(net: GPT2LMHeadModel, tok: Any, rule: str, seed: int) -> list[str]:
    """The openings of STARTS test dialogues, continued by NEW_TOKENS tokens."""
    starts = torch.tensor(
        [tok(tok.eos_token + text)["input_ids"][: START_TOKENS + 1] for text in texts("test")[:STARTS]]
    )
    config = GenerationConfig(
        max_new_tokens=NEW_TOKENS, min_new_tokens=NEW_TOKENS, eos_token_id=tok.eos_token_id,
        pad_token_id=tok.eos_token_id, **RULES[rule],
    )  # fmt: skip
    torch.manual_seed(seed)
    made = net.generate(starts, attention_mask=torch.ones_like(starts), generation_config=config)
    return tok.batch_decode(made[:, starts.shape[1] :])


def written(net: GPT2LMHeadModel, tok: Any, seed: int) -> Written:
    """The row of one seed."""
    held_out = domain_pretraining.blocks(tok.backend_tokenizer, texts("test"), WINDOW)
    losses = domain_pretraining.losses(net, held_out)
    loops = {rule: [ends_in_loop(text) for text in continued(net, tok, rule, seed)] for rule in RULES}
    return Written(seed, sum(losses) / len(losses), loops)


def main(arguments: list[str] | None = None) -> None:
    """Train, write, enter in the manifest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--seeds", type=int, default=1, help="how many models are trained and counted")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    tok, rows = tokenizer(), []
    for seed in range(options.seeds):
        net = train(tok, seed)
        rows.append(written(net, tok, seed)._asdict())
        print(seed, round(rows[-1]["loss"], 3), {rule: sum(loops) for rule, loops in rows[-1]["loops"].items()})
        if seed == 0:
            net.half().save_pretrained(options.out)
            tok.save_pretrained(options.out)
    (options.out / "loops.json").write_text(json.dumps(rows) + "\n", encoding="utf-8")
    files = [path for path in sorted(options.out.iterdir()) if path.suffix != ".md"]
    manifest.record(files, "runs.running_text")


if __name__ == "__main__":
    main()
