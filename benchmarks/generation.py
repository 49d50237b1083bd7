"""Generation on FLAN-T5-base's shape: this project's path against the plain loop, in one run.

The plain loop is what a first notebook holds: the checkpoint as it comes, in fp32, and `generate` on one prompt after
another. Ours is `models.load` and `generation.generate` with their defaults. Weights are random, so completions are
forced to their full length on both sides. The sides take turns, and the ratio is the median over the rounds.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Failure, Measurement
from utils import generation, models, runtime
from utils.models.registry import FLAN_T5_BASE

PROMPT_TOKENS, NEW_TOKENS, BATCH_SIZE = 250, 50, 16
SPECIAL = ("<pad>", "</s>", "<unk>")


def measure(quick: bool = False) -> list[Measurement]:
    """Tokens per second of both sides and their ratio. `quick` takes one round of one batch: a check, no figure."""
    runtime.start()
    rounds, plain_prompts, our_prompts = (1, 2, BATCH_SIZE) if quick else (3, 8, 2 * BATCH_SIZE)
    with tempfile.TemporaryDirectory() as folder:
        save_checkpoint(Path(folder))
        plain, lm = plain_side(folder), models.load(folder)
    if lm.parameters != FLAN_T5_BASE.parameters:
        raise Failure(f"the checkpoint has {lm.parameters:,} parameters, not {FLAN_T5_BASE.parameters:,}")
    ours = our_side(lm)
    plain(1)
    ours(1)
    pairs = [(speed(plain, plain_prompts), speed(ours, our_prompts)) for _ in range(rounds)]
    plain_speed, our_speed = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(fast / slow for slow, fast in pairs)
    return [
        Measurement("generation", "plain loop, fp32, one prompt at a time", plain_speed, "tokens/s"),
        Measurement("generation", f"this project, {lm.precision}, batches of {BATCH_SIZE}", our_speed, "tokens/s"),
        Measurement("generation", "ratio", ratio, "times", at_least=None if quick else 6.0),
    ]


def speed(side: Callable[[int], None], prompts: int) -> float:
    """Tokens per second over so many prompts, prompts' encoding and decoding included."""
    started = time.perf_counter()
    side(prompts)
    return prompts * NEW_TOKENS / (time.perf_counter() - started)


def plain_side(folder: str) -> Callable[[int], None]:
    """The plain loop over n prompts."""
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder)

    def loop(n: int) -> None:
        for prompt in prompts(n):
            inputs = tokenizer(prompt, return_tensors="pt")
            tokens = model.generate(**inputs, max_new_tokens=NEW_TOKENS, min_new_tokens=NEW_TOKENS)
            tokenizer.decode(tokens[0], skip_special_tokens=True)

    return loop


def our_side(lm: models.LanguageModel) -> Callable[[int], None]:
    """This project's path over n prompts."""
    config = generation.settings(NEW_TOKENS)
    config.min_new_tokens = NEW_TOKENS
    return lambda n: generation.generate(lm, prompts(n), config, batch_size=BATCH_SIZE, progress=False)


def prompts(n: int) -> list[str]:
    """n texts of PROMPT_TOKENS tokens, the end-of-sequence token included."""
    rng = random.Random(0)
    numbers = range(FLAN_T5_BASE.vocabulary - len(SPECIAL))
    return [" ".join(f"w{rng.choice(numbers)}" for _ in range(PROMPT_TOKENS - 1)) for _ in range(n)]


def save_checkpoint(folder: Path) -> None:
    """Random weights in FLAN-T5-base's shape, separate output layer included, and a tokenizer of one token per word."""
    import torch
    from transformers import T5Config, T5ForConditionalGeneration

    spec = FLAN_T5_BASE
    config = T5Config(
        vocab_size=spec.vocabulary, d_model=spec.d_model, d_kv=spec.d_head, d_ff=spec.d_ff,
        num_layers=spec.encoder_layers, num_decoder_layers=spec.decoder_layers, num_heads=spec.heads,
        feed_forward_proj="gated-gelu", tie_word_embeddings=False, decoder_start_token_id=0,
    )  # fmt: skip
    model = T5ForConditionalGeneration(config)
    # transformers 5 ties the two when it builds from a config, and reads them apart only when they differ.
    model.config.tie_word_embeddings = False
    model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.shared.weight))
    model.save_pretrained(folder)
    word_tokenizer(spec.vocabulary).save_pretrained(folder)


def word_tokenizer(vocabulary: int):
    """One token per word w0, w1, …, as many as the vocabulary holds."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = [*SPECIAL, *(f"w{number}" for number in range(vocabulary - len(SPECIAL)))]
    raw = Tokenizer(models.WordLevel({word: token for token, word in enumerate(words)}, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    raw.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
