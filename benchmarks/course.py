"""The course model: seconds to load it, and tokens per second at batch sizes 1 and 64."""

import statistics
import time

from benchmarks.measure import Measurement
from utils import data, generation, models, prompts, runtime

PROMPT_TOKENS, NEW_TOKENS, LARGE = 250, 50, 64


def measure(quick: bool = False) -> list[Measurement]:
    """Loading, then speed in fp32 and in the precision the probe chose. `quick` generates once per setting."""
    runtime.start()
    models.bf16_is_faster(runtime.default_device())
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        lm = models.load("course")
        seconds.append(time.perf_counter() - started)
    texts = course_prompts(lm)
    length = statistics.mean(len(lm.tokenizer(text)["input_ids"]) for text in texts)
    found = [
        Measurement("course", "load, first time", seconds[0], "s"),
        Measurement("course", "load, again", min(seconds[1:]), "s"),
        Measurement("course", "prompt length, mean", length, "tokens"),
    ]
    sides = [lm] if lm.precision == "fp32" else [models.load("course", "fp32"), lm]
    return found + [rate(side, texts, size, 1 if quick else 3) for side in sides for size in (1, LARGE)]


def rate(lm: models.LanguageModel, texts: list[str], batch_size: int, rounds: int) -> Measurement:
    """Tokens per second at one batch size, the median over the rounds, every completion at full length."""
    config = generation.settings(NEW_TOKENS)
    config.min_new_tokens = NEW_TOKENS
    some = texts[: max(8, batch_size)]
    generation.generate(lm, texts[:1], config, progress=False)
    speeds = []
    for _ in range(rounds):
        started = time.perf_counter()
        generation.generate(lm, some, config, batch_size, progress=False)
        speeds.append(len(some) * NEW_TOKENS / (time.perf_counter() - started))
    return Measurement("course", f"{lm.precision}, batch {batch_size}", statistics.median(speeds), "tokens/s")


def course_prompts(lm: models.LanguageModel) -> list[str]:
    """LARGE prompts of zero to three examples, those nearest to PROMPT_TOKENS tokens."""
    pool = data.dialogues("course", "train")
    targets = data.dialogues("course", "test")[:LARGE]
    texts = [
        prompts.few_shot(target.dialogue, prompts.pick_examples(pool, target, shots))
        for target in targets
        for shots in range(4)
    ]
    return sorted(texts, key=lambda text: abs(len(lm.tokenizer(text)["input_ids"]) - PROMPT_TOKENS))[:LARGE]
