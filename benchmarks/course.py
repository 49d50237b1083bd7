"""The course model: seconds to load it, tokens per second at batch sizes 1 and 64, seconds for a whole test split."""

import importlib
import statistics
import time

from benchmarks.measure import Measurement
from utils import data, generation, models, prompts, runtime

PROMPT_TOKENS, NEW_TOKENS, LARGE = 250, 50, 64
SUMMARIES = 500


def measure(quick: bool = False) -> list[Measurement]:
    """Loading after imports, then speed in both precisions. `quick` generates once."""
    importlib.import_module("transformers.models.t5.modeling_t5")
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
        Measurement("course", "load, first time", seconds[0], "s", at_most=1),
        Measurement("course", "load, again", min(seconds[1:]), "s"),
        Measurement("course", "prompt length, mean", length, "tokens"),
    ]
    sides = [models.load("course", precision) for precision in ("fp32", "bf16")]
    found += [rate(side, texts, size, 1 if quick else 3) for side in sides for size in (1, LARGE)]
    return found if quick else [*found, *best(found), whole_split(lm)]


def best(found: list[Measurement]) -> list[Measurement]:
    """The better precision at each batch size, against the figure it must reach."""
    rows = []
    for size, least in ((1, 400), (LARGE, 2000)):
        fastest = max(m.value for m in found if m.name.endswith(f"batch {size}"))
        rows.append(Measurement("course", f"batch {size}, better precision", fastest, "tokens/s", at_least=least))
    return rows


def whole_split(lm: models.LanguageModel) -> Measurement:
    """Seconds for one-shot summaries of the test split, prompts and decoding."""
    test, pool = data.dialogues("course", "test")[:SUMMARIES], data.dialogues("course", "train")
    texts = [prompts.few_shot(target.dialogue, prompts.pick_examples(pool, target, 1)) for target in test]
    started = time.perf_counter()
    generation.generate(lm, texts, generation.settings(60), LARGE, progress=False)
    seconds = time.perf_counter() - started
    return Measurement("course", f"{len(texts)} one-shot summaries", seconds, "s", at_most=20)


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
