"""Tokenizer and model by name; the only place that calls `from_pretrained`.

Nothing here opens a connection: files are fetched by `hub` for a hub id, and read from a folder in every case.
"""

import functools
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from utils import hub, runtime
from utils.errors import CourseError

LOAD_PRECISIONS = ("auto", "fp32", "bf16")
KINDS = {  # kind: what it is called in a sentence, and transformers' class
    "seq2seq": ("an encoder-decoder", "AutoModelForSeq2SeqLM"),
    "masked": ("an encoder-only", "AutoModelForMaskedLM"),
    "causal": ("a decoder-only", "AutoModelForCausalLM"),
}
T5_CONTEXT_WINDOW = 512
BF16_MARGIN = 1.2
PROBE_SHAPE = (64, 768, 768)
PROBE_REPEATS = 7
# peft 0.21 asks transformers 5 by an old name, and finds T5's output layer to be one of its own, as it always was.
PEFT_SAYS = ("`is_gradient_checkpointing` is deprecated", "Input and output embeddings are no longer tied")


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """A model ready to generate, with its tokenizer.

    context_window: prompt length in tokens that training saw; T5 reads longer prompts too, only less well.
    precision: "fp32" or "bf16", the type its weights are held in.
    """

    name: str
    model: Any
    tokenizer: Any
    context_window: int
    precision: str

    @property
    def parameters(self) -> int:
        """Number of weights held in memory; a shared tensor counts once."""
        return sum(tensor.numel() for tensor in self.model.parameters())


def load(
    name: str = "course", precision: str = "auto", device: str | None = None, kind: str = "seq2seq"
) -> LanguageModel:
    """Model and tokenizer by name, in evaluation mode.

    name: "course", a hub id, or a folder. precision: "fp32", "bf16", or "auto", which takes bf16 where a measured probe
    finds it faster (`bf16_is_faster`). device: "cpu" or "cuda"; None takes what the machine has. kind: "seq2seq" for an
    encoder-decoder, "masked" for an encoder, "causal" for a decoder.
    Raises CourseError when the name leads nowhere, or the files do not make a whole model of that kind.
    """
    if precision not in LOAD_PRECISIONS:
        known = ", ".join(LOAD_PRECISIONS)
        raise CourseError(f"The precision must be one of {known}, but {precision!r} came: choose one.")
    if kind not in KINDS:
        raise CourseError(f"The kind must be one of {', '.join(KINDS)}, but {kind!r} came: choose one.")
    folder = hub.folder(name, "model")
    device = device or runtime.default_device()
    if precision == "auto":
        precision = "bf16" if bf16_is_faster(device) else "fp32"
    model, tokenizer = _read(folder, precision, kind)
    window = getattr(model.config, "n_positions", None) or T5_CONTEXT_WINDOW
    return LanguageModel(str(name), model.to(device), tokenizer, window, precision)


def adapted(lm: LanguageModel, folder: str | Path) -> LanguageModel:
    """A language model with an adapter's change added to its weights, so that it costs no more than before.

    folder: what peft's `save_pretrained` wrote. The model given is changed, not copied.
    Raises CourseError when the folder holds no adapter, or one for another model.
    """
    from peft import PeftModel
    from safetensors import SafetensorError

    try:
        with warnings.catch_warnings():
            for message in PEFT_SAYS:
                warnings.filterwarnings("ignore", message)
            merged = PeftModel.from_pretrained(lm.model, str(folder), local_files_only=True).merge_and_unload()
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        reason = f"{type(error).__name__}: {str(error).strip().splitlines()[0].rstrip('.')}"
        raise CourseError(f"{folder} should hold an adapter for {lm.name}, but {reason}: save it anew.") from None
    return replace(lm, name=f"{lm.name} + {Path(folder).name}", model=merged.eval())


@functools.cache
def bf16_is_faster(device: str = "cpu") -> bool:
    """Whether a bf16 matrix product beats fp32 here by at least BF16_MARGIN; measured once per process.

    The product has the shape of 64 tokens through one FLAN-T5-base projection. Each type's time is the best of
    PROBE_REPEATS after a warm-up, because other programs can only make a run slower.
    """
    return min(_product_seconds("float32", device)) > BF16_MARGIN * min(_product_seconds("bfloat16", device))


def _product_seconds(dtype: str, device: str) -> list[float]:
    """Seconds of each of PROBE_REPEATS matrix products in this type."""
    import torch

    rows, inner, columns = PROBE_SHAPE
    left = torch.ones(rows, inner, dtype=getattr(torch, dtype), device=device)
    right = torch.ones(inner, columns, dtype=getattr(torch, dtype), device=device)
    times = []
    for _ in range(PROBE_REPEATS + 1):
        started = time.perf_counter()
        (left @ right)[0, 0].item()
        times.append(time.perf_counter() - started)
    return times[1:]


def _read(folder: Path, precision: str, kind: str) -> tuple[Any, Any]:
    """The model and tokenizer in a folder, with every failure of the libraries turned into one sentence."""
    called, auto_class = KINDS[kind]

    def broken(what: str) -> CourseError:
        return CourseError(
            f"{folder} should hold {called} model as config.json, safetensors weights and a tokenizer, but it {what}: "
            f"mend the folder, or delete it to fetch it anew, or set {hub.INSTEAD['model']}, which works offline."
        )

    import torch
    import transformers
    from safetensors import SafetensorError

    for pattern in ("config.json", "*.safetensors", "tokenizer*"):
        if not any(folder.glob(pattern)):
            raise broken(f"has no {pattern}")
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
    local = {"local_files_only": True, "trust_remote_code": False}
    try:
        with _quiet_transformers():
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **local)
            model, report = getattr(transformers, auto_class).from_pretrained(
                folder, dtype=dtype, use_safetensors=True, output_loading_info=True, **local
            )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        reason = f"cannot be read ({type(error).__name__}: {str(error).strip().splitlines()[0].rstrip('.')})"
        raise broken(reason) from None
    # transformers would draw a missing weight at random, and only warn.
    if report["missing_keys"]:
        raise broken(f"lacks {len(report['missing_keys'])} weights, such as {min(report['missing_keys'])}")
    if len(tokenizer) > model.config.vocab_size:
        raise broken(f"has {model.config.vocab_size} embeddings for a tokenizer of {len(tokenizer)} tokens")
    return model, tokenizer


@contextmanager
def _quiet_transformers():
    """No bar and no log lines: it warns of FLAN-T5's separate output layer, which is as it should be."""
    from transformers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)
        logging.enable_progress_bar()
