"""The course model in numbers that a page's script can read: its shape, its weights in bytes, its tokenizer.

The engine in book/_static/engine.js computes what transformers computes for an encoder-decoder of T5 v1.1's shape with
a byte-pair tokenizer. Whatever it does not know is refused here, while the site is built.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from utils.errors import CourseError
from utils.models import LanguageModel, quantize

if TYPE_CHECKING:
    import torch

# The longest answer. Chapter 03's lectures cap theirs at as many.
NEW_TOKENS = 200
# The rest after rounding to 8 bits is at most half a step. In 127 parts of it, both together hold 16 bits.
REST = 254
# What the classes mean in Oniguruma, which cuts the text in Python; JavaScript's own \s and \d are narrower.
CLASSES = {r"\d": r"\p{Nd}", r"\s": r"\p{White_Space}"}
ESCAPES = re.compile(r"\\[A-Za-z]|\(\?|[+*?}]\+")
KNOWN_ESCAPES = {*CLASSES, r"\p", r"\n", "(?:"}


@dataclass(frozen=True)
class Weights:
    """tensors: name, rows, columns and whether quantized, in the order of `codes`' parts.

    data: all floats (scales of quantized matrices, entries of the others), then all codes of 8 bits. rest: what the
    rounding took away, in as many codes again.
    """

    tensors: list[dict]
    data: bytes
    rest: bytes


def shape(lm: LanguageModel) -> dict:
    """Sizes and settings by the engine's names. Raises CourseError for a model that the engine cannot compute."""
    config, t5 = lm.model.config, getattr(lm.model.config, "model_type", None) == "t5"
    _require(t5 and config.is_gated_act, "an encoder-decoder of T5 v1.1's shape", config.model_type)
    _require(config.dense_act_fn in ("gelu_pytorch_tanh", "gelu_new"), "GELU by tanh", config.dense_act_fn)
    sizes = {"d_model": config.d_model, "d_kv": config.d_kv, "d_ff": config.d_ff}
    for name, size in sizes.items():
        _require(size % 4 == 0, f"{name} in fours, as the kernel reads them,", size)
    return {
        "width": config.d_model,
        "head": config.d_kv,
        "heads": config.num_heads,
        "hidden": config.d_ff,
        "encoderLayers": config.num_layers,
        "decoderLayers": config.num_decoder_layers,
        "vocabulary": config.vocab_size,
        "window": lm.context_window,
        "newTokens": NEW_TOKENS,
        "epsilon": config.layer_norm_epsilon,
        "outputScale": config.d_model**-0.5 if config.scale_decoder_outputs else 1.0,
        "start": config.decoder_start_token_id,
        "end": config.eos_token_id,
        "group": quantize.GROUP,
        "encoderBuckets": _buckets(lm.model, encoder=True),
        "decoderBuckets": _buckets(lm.model, encoder=False),
        "parameters": lm.parameters,
    }


def _require(met: bool, expected: str, came: object) -> None:
    if not met:
        raise CourseError(f"The live model needs {expected}, but {came} came: change book/_static/engine.js too.")


def _buckets(model, encoder: bool) -> list[int]:
    """The row of the table of biases for each distance: key minus query in the encoder, else query minus key."""
    import torch

    far = model.config.relative_attention_max_distance
    distances = torch.arange(-far, far + 1) if encoder else -torch.arange(far + 1)
    attention = (model.encoder if encoder else model.decoder).block[0].layer[0].SelfAttention
    count = attention.relative_attention_num_buckets
    return attention._relative_position_bucket(distances, encoder, count, far).tolist()


def named_tensors(model) -> Iterator[tuple[str, "torch.Tensor"]]:
    """Every matrix and vector, by the engine's names. A shared table comes once."""
    yield "embedding", model.shared.weight
    if model.lm_head.weight is not model.shared.weight:
        yield "output", model.lm_head.weight
    for side in ("encoder", "decoder"):
        stack = getattr(model, side)
        yield f"{side}.norm", stack.final_layer_norm.weight
        yield f"{side}.bias", stack.block[0].layer[0].SelfAttention.relative_attention_bias.weight
        for number, block in enumerate(stack.block):
            first, *cross, feed = block.layer
            yield from _attention(f"{side}.{number}.attention", first.SelfAttention, first.layer_norm)
            for layer in cross:
                yield from _attention(f"{side}.{number}.cross", layer.EncDecAttention, layer.layer_norm)
            yield f"{side}.{number}.feed.norm", feed.layer_norm.weight
            for name, part in (("gate", "wi_0"), ("up", "wi_1"), ("down", "wo")):
                yield f"{side}.{number}.feed.{name}", getattr(feed.DenseReluDense, part).weight


def _attention(name: str, attention, norm) -> Iterator[tuple[str, "torch.Tensor"]]:
    yield f"{name}.norm", norm.weight
    for part in "qkvo":
        yield f"{name}.{part}", getattr(attention, part).weight


def weights(lm: LanguageModel) -> Weights:
    """The model's weights, its matrices in 8 bits as `quantize.absmax` rounds them, a scale for each row."""
    import torch

    tensors, floats, codes, rests = [], [], [], []
    for name, tensor in named_tensors(lm.model):
        matrix = tensor.detach().float().reshape(-1, tensor.shape[-1])
        quantized = tensor.ndim == 2 and matrix.shape[1] >= quantize.SHORTEST_ROW
        entry = {"name": name, "rows": matrix.shape[0], "columns": matrix.shape[1], "quantized": quantized}
        tensors.append(entry)
        if quantized:
            code, scale = quantize.absmax(matrix, 8)
            rest = ((matrix / scale - code) * REST).round().clamp(-127, 127).to(torch.int8)
            codes.append(code)
            rests.append(rest)
        floats.append(scale if quantized else matrix)
    parts = [[tensor.contiguous().numpy().tobytes() for tensor in group] for group in (floats + codes, rests)]
    return Weights(tensors, *(b"".join(part) for part in parts))


def tokenizer(lm: LanguageModel) -> dict:
    """The tokenizer's tables by the engine's names. Raises CourseError for one that works otherwise."""
    told = json.loads(lm.tokenizer.backend_tokenizer.to_str())
    model, cut = told["model"], told["pre_tokenizer"] or {}
    expected = {"type": "BPE", "dropout": None, "byte_fallback": True, "ignore_merges": False}
    for key, value in {**expected, "continuing_subword_prefix": None, "end_of_word_suffix": None}.items():
        _require(model[key] == value, f"a tokenizer whose {key} is {value}", model[key])
    _require(told["normalizer"] is None, "a tokenizer that changes no letter", told["normalizer"])
    kind = (cut.get("type"), cut.get("behavior"), cut.get("invert"))
    _require(kind == ("Split", "Isolated", False), "a tokenizer that cuts by a pattern", kind)
    steps = [step["type"] for step in (told["decoder"] or {}).get("decoders", [])]
    _require(steps == ["ByteFallback", "Fuse"], "a decoder of bytes", steps)
    for token in told["added_tokens"]:
        plain = not (token["lstrip"] or token["rstrip"] or token["single_word"]) and token["special"]
        _require(plain, "special tokens that match as they are", token["content"])
    empty = lm.tokenizer("")["input_ids"]
    _require(empty == [lm.tokenizer.eos_token_id], "a tokenizer that adds the end token only", empty)
    tokens = model["vocab"]
    return {
        "pieces": sorted(tokens, key=tokens.get),
        "merges": [tokens[text] for left, right in model["merges"] for text in (left, right, left + right)],
        "bytes": [tokens[f"<0x{byte:02X}>"] for byte in range(256)],
        "special": {token["content"]: token["id"] for token in told["added_tokens"]},
        "pattern": javascript(cut["pattern"].get("Regex", "")),
        "end": lm.tokenizer.eos_token_id,
    }


def javascript(pattern: str) -> str:
    """An Oniguruma expression as a JavaScript one with the flag u. Raises CourseError for what it may not translate.

    >>> print(javascript(r"\\s|[^\\s\\d]+"))
    \\p{White_Space}|[^\\p{White_Space}\\p{Nd}]+
    """
    unknown = set(ESCAPES.findall(pattern)) - KNOWN_ESCAPES
    _require(bool(pattern) and not unknown, "a pattern with known classes only", unknown or "none")
    for ours, theirs in CLASSES.items():
        pattern = pattern.replace(ours, theirs)
    return pattern
