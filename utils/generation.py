"""Text from prompts: settings that are refused where they would have no effect, and batched generation.

transformers 5 has no `pipeline("summarization")`, and a pipeline would fill in settings of its own.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from utils.errors import CourseError

if TYPE_CHECKING:
    from transformers import GenerationConfig

    from utils.models import LanguageModel

# What transformers 5 fills in when a sampling setting is left out.
SAMPLING_DEFAULTS = {"temperature": 1.0, "top_k": 50, "top_p": 1.0}
DEFAULT_NEW_TOKENS = 20
SAMPLING_OFF = {"temperature": 1.0, "top_k": 0, "top_p": 1.0}
# Scores per head in one batch: 16 prompts of 1,024 tokens.
ATTENTION_SCORES = 16 * 1024**2
LONGEST_PROMPT = 6144  # tokens: one head's scores in fp32 are 151 MB, and an encoder layer has several heads
TOKEN_IDS = ("pad_token_id", "bos_token_id", "eos_token_id", "decoder_start_token_id")


def settings(
    max_new_tokens: int = 50,
    *,
    do_sample: bool = False,
    temperature: float | None = None,
    top_k: int | None = None,
    top_p: float | None = None,
) -> "GenerationConfig":
    """Generation settings in which everything named has an effect.

    max_new_tokens: most tokens a completion may have, ≥ 1. do_sample: False takes the most probable token each time.
    temperature: > 0, divides the logits. top_k: keep the K most probable tokens, 0 switches it off.
    top_p: in (0, 1], keep the smallest set with that probability, 1.0 switches it off.
    Sampling settings left out are off: tokens come from the model's whole distribution, where transformers keeps 50.
    Returns transformers' GenerationConfig. Raises CourseError for an impossible setting, or one without effect.

    >>> settings(9, do_sample=True, temperature=0.7).top_k
    0
    """
    from transformers import GenerationConfig

    named = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    named = {name: value for name, value in named.items() if value is not None}
    _refuse(max_new_tokens, do_sample, named)
    sampling = SAMPLING_OFF | named if do_sample else {}
    return GenerationConfig(max_new_tokens=max_new_tokens, do_sample=do_sample, num_beams=1, **sampling)


def describe(config: "GenerationConfig") -> str:
    """What is really in force under `config`, defaults of transformers included, as one line.

    >>> describe(settings(9))
    'greedy, the most probable token each time; at most 9 new tokens'
    """
    tokens = f"at most {config.max_new_tokens or DEFAULT_NEW_TOKENS} new tokens"
    if config.num_beams and config.num_beams > 1:
        return f"beam search over {config.num_beams} beams; {tokens}"
    if not config.do_sample:
        return f"greedy, the most probable token each time; {tokens}"
    return f"sampling, {', '.join(_in_force(config, name) for name in SAMPLING_DEFAULTS)}; {tokens}"


def generate(
    lm: "LanguageModel",
    prompts: Sequence[str],
    config: "GenerationConfig | None" = None,
    batch_size: int = 16,
    seed: int | None = None,
    progress: bool = True,
) -> list[str]:
    """One completion per prompt, in the order of the prompts.

    Prompts of similar length share a batch, so little is computed on padding; they are never cut.
    config: from `settings`; None is greedy with 50 new tokens. Settings stored in the checkpoint do not apply.
    batch_size: most prompts in a batch; long ones come in smaller batches. In bf16 a completion may depend on which
    prompts share its batch, because rounding differs and a tie falls the other way; in fp32 it does not.
    seed: makes sampling repeatable whatever ran before; None continues torch's own random numbers.
    progress: a bar on stderr. Returns completions as text without special tokens.
    Raises CourseError for an empty prompt, one of more than LONGEST_PROMPT tokens, a lone string, or settings without
    effect.
    """
    from tqdm import tqdm

    config = config or settings()
    _refuse_inert(config)
    _refuse_empty(prompts, batch_size)
    # T5 has relative positions: what exceeds its window is read too. verbose=False: the tokenizer would only warn.
    encoded = [lm.tokenizer(prompt, verbose=False)["input_ids"] for prompt in prompts]
    _refuse_too_long(encoded)
    completions = [""] * len(encoded)
    bar = tqdm(total=len(encoded), unit="prompt", disable=not progress)  # on stderr: stdout is a notebook's contract
    with bar, _without_stored_settings(lm.model), _seeded(seed):
        for rows in _batches(encoded, batch_size):
            tokens = _complete(lm, [encoded[row] for row in rows], config)
            texts = lm.tokenizer.batch_decode(tokens, skip_special_tokens=True)
            for row, text in zip(rows, texts, strict=True):
                completions[row] = text.strip()
            bar.update(len(rows))
    return completions


def _complete(lm: "LanguageModel", encoded: list[list[int]], config: "GenerationConfig"):
    """Completion tokens, (B, T), of B prompts padded on the right."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    rows = [torch.tensor(ids) for ids in encoded]
    ids = pad_sequence(rows, batch_first=True, padding_value=lm.tokenizer.pad_token_id)
    mask = pad_sequence([torch.ones_like(row) for row in rows], batch_first=True)
    device = lm.model.device
    with torch.inference_mode():
        return lm.model.generate(
            input_ids=ids.to(device), attention_mask=mask.to(device), generation_config=config
        ).cpu()


def _batches(encoded: list[list[int]], batch_size: int) -> list[list[int]]:
    """Row numbers in batches, longest prompts first: the first batch shows the peak of memory.

    Attention holds B·T² scores per head, so long prompts come in smaller batches, at the least one by one.
    """
    order = sorted(range(len(encoded)), key=lambda row: -len(encoded[row]))
    batches = []
    while order:
        size = max(1, min(batch_size, ATTENTION_SCORES // len(encoded[order[0]]) ** 2))
        batches.append(order[:size])
        order = order[size:]
    return batches


@contextmanager
def _without_stored_settings(model) -> Iterator[None]:
    """The model without the generation settings of its checkpoint, which would fill in whatever ours leave open."""
    from transformers import GenerationConfig

    stored, training = model.generation_config, model.training
    token_ids = {name: getattr(stored, name, None) for name in TOKEN_IDS}
    model.generation_config = GenerationConfig(**token_ids)
    model.eval()
    try:
        yield
    finally:
        model.generation_config = stored
        model.train(training)


def _seeded(seed: int | None):
    """Random numbers of their own for one call; the generators outside are left as they were."""
    if seed is None:
        return nullcontext()
    return _forked(seed)


@contextmanager
def _forked(seed: int) -> Iterator[None]:
    import torch

    # A later cell draws the same numbers whether this one sampled or not.
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


def _in_force(config: "GenerationConfig", name: str) -> str:
    stated = getattr(config, name)
    value = SAMPLING_DEFAULTS[name] if stated is None else stated
    off = " (off)" if value == SAMPLING_OFF[name] else ""
    silent = " (not asked for: transformers' own default)" if stated is None and not off else ""
    return f"{name} {value}{off}{silent}"


def _refuse(max_new_tokens, do_sample: bool, named: dict[str, float]) -> None:
    if type(max_new_tokens) is not int or max_new_tokens < 1:
        raise CourseError(f"max_new_tokens must be an integer of 1 or more, but {max_new_tokens!r} came: raise it.")
    if named and not do_sample:
        name, value = next(iter(named.items()))
        raise CourseError(
            f"{name}={value} has no effect while do_sample=False takes the most probable token: "
            f"set do_sample=True or leave {name} out."
        )
    ranges = {
        "temperature": ("a number above 0", lambda t: t > 0 and math.isfinite(t)),
        "top_k": ("an integer of 0 or more", lambda k: type(k) is int and k >= 0),
        "top_p": ("in (0, 1]", lambda p: 0 < p <= 1),
    }
    for name, value in named.items():
        expected, allowed = ranges[name]
        if type(value) not in (int, float) or not allowed(value):
            raise CourseError(f"{name} must be {expected}, but {value!r} came: change it or leave {name} out.")


def _refuse_inert(config: "GenerationConfig") -> None:
    """The same rules for a GenerationConfig that was not made by `settings`."""
    named = {name: getattr(config, name) for name in SAMPLING_DEFAULTS if getattr(config, name) is not None}
    named = named if config.do_sample else {n: v for n, v in named.items() if v != SAMPLING_DEFAULTS[n]}
    _refuse(config.max_new_tokens or DEFAULT_NEW_TOKENS, bool(config.do_sample), named)


def _refuse_empty(prompts: Sequence[str], batch_size: int) -> None:
    if isinstance(prompts, str):
        raise CourseError("A list of prompts was expected, but one string came: put it in a list, [prompt].")
    if batch_size < 1:
        raise CourseError(f"batch_size must be 1 or more, but {batch_size!r} came: raise it.")
    for row, prompt in enumerate(prompts):
        if not isinstance(prompt, str) or not prompt.strip():
            raise CourseError(f"Prompt {row} should hold text, but {prompt!r} came: remove it or fill it.")


def _refuse_too_long(encoded: list[list[int]]) -> None:
    for row, ids in enumerate(encoded):
        if len(ids) > LONGEST_PROMPT:
            raise CourseError(
                f"Prompt {row} should have at most {LONGEST_PROMPT:,} tokens, since attention takes memory in "
                f"proportion to their square, but it has {len(ids):,}: shorten the text or show fewer examples."
            )
