"""Models built from a shape: on the meta device, where a tensor has a size and no values, or untrained on the CPU."""

from typing import Any

from utils.errors import CourseError
from utils.models.specs import ModelSpec

# Family: transformers' classes of configuration and model.
CLASSES = {
    "bert": ("BertConfig", "BertModel"),
    "roberta": ("RobertaConfig", "RobertaForMaskedLM"),
    "bart": ("BartConfig", "BartForConditionalGeneration"),
    "t5": ("T5Config", "T5ForConditionalGeneration"),
    "gpt2": ("GPT2Config", "GPT2LMHeadModel"),
    "opt": ("OPTConfig", "OPTForCausalLM"),
    "bloom": ("BloomConfig", "BloomForCausalLM"),
    "llama": ("LlamaConfig", "LlamaForCausalLM"),
    "qwen3": ("Qwen3Config", "Qwen3ForCausalLM"),
}

# Each family spells it otherwise; a configuration keeps a name that is not its own, and no layer reads it.
NO_DROPOUT = dict.fromkeys(
    (
        "attn_pdrop", "embd_pdrop", "resid_pdrop", "dropout_rate", "dropout", "attention_dropout",
        "activation_dropout", "hidden_dropout", "hidden_dropout_prob", "attention_probs_dropout_prob",
    ),
    0.0,
)  # fmt: skip
# PyTorch computes this form in one call; GPT-2's own spelling of the same function, gelu_new, keeps three tensors more.
GELU = "gelu_pytorch_tanh"
ONE_CALL_GELU = {
    "gpt2": {"activation_function": GELU},
    "t5": {"dense_act_fn": GELU, "decoder_start_token_id": 0},
}


def count_parameters(spec: ModelSpec) -> int:
    """Number of weights in the model that transformers builds for a shape; a shared tensor counts once.

    Raises CourseError when transformers has no class for the shape's family.
    """
    return sum(tensor.numel() for tensor in build(spec).parameters())


def build(spec: ModelSpec, device: str = "meta", **changes: Any) -> Any:
    """transformers' model of this shape; on the meta device it has layers and sizes, and cannot compute.

    device: "cpu" gives an untrained model that computes. changes: fields of its configuration to set otherwise.
    Raises CourseError as `count_parameters` does.
    """
    import torch
    import transformers

    if spec.family.name not in CLASSES:
        raise CourseError(f"transformers should have a class for {spec.name}, but has none: count by the formula only.")
    config_name, model_name = CLASSES[spec.family.name]
    config = getattr(transformers, config_name)(vocab_size=spec.vocabulary, **_sizes(spec) | changes)
    with torch.device(device):
        made = getattr(transformers, model_name)(config)
        if not spec.tied:  # T5 always ties when it is built from a configuration; a checkpoint may untie it.
            made.set_output_embeddings(torch.nn.Linear(spec.d_model, spec.vocabulary, bias=False))
    return made


def untrained(spec: ModelSpec, seed: int | None = None, **changes: Any) -> Any:
    """A model of this shape on the CPU, to be trained as recent ones are: no dropout, GELU in one call.

    seed: the same seed gives the same weights; None goes on with torch's generator. changes: as in `build`.
    Raises CourseError as `build` does.
    """
    import torch

    if seed is not None:
        torch.manual_seed(seed)
    as_recent = NO_DROPOUT | ONE_CALL_GELU.get(spec.family.name, {}) | {"use_cache": False}
    return build(spec, "cpu", **as_recent | changes).train()


def _sizes(spec: ModelSpec) -> dict[str, Any]:
    """The arguments of the family's configuration."""
    family, layers = spec.family.name, spec.encoder_layers or spec.decoder_layers
    if family in ("gpt2", "bloom"):
        width = {"n_embd" if family == "gpt2" else "hidden_size": spec.d_model}
        positions = {"n_positions": spec.position_rows, "n_inner": spec.d_ff} if family == "gpt2" else {}
        return {"n_layer": layers, "n_head": spec.heads, **width, **positions}
    if family == "t5":
        return _t5_sizes(spec)
    if family == "bart":
        return _bart_sizes(spec)
    shared = {"hidden_size": spec.d_model, "num_hidden_layers": layers, "num_attention_heads": spec.heads}
    # OPT's class adds its two unused rows by itself.
    rows = spec.position_rows - 2 if family == "opt" else spec.position_rows or spec.context_window
    width = {"ffn_dim" if family == "opt" else "intermediate_size": spec.d_ff}
    segments = {"type_vocab_size": 1} if family == "roberta" else {}
    grouped = {"num_key_value_heads": spec.kv_heads, "head_dim": spec.d_head} if spec.kv_heads else {}
    tied = {"tie_word_embeddings": spec.tied} if family == "qwen3" else {}
    return {**shared, **width, **segments, **grouped, **tied, "max_position_embeddings": rows}


def _t5_sizes(spec: ModelSpec) -> dict[str, Any]:
    return {
        "d_model": spec.d_model,
        "d_kv": spec.d_head,
        "d_ff": spec.d_ff,
        "num_heads": spec.heads,
        "num_layers": spec.encoder_layers,
        "num_decoder_layers": spec.decoder_layers,
        "relative_attention_num_buckets": spec.position_buckets,
        "feed_forward_proj": "gated-gelu" if spec.family.gated else "relu",
    }


def _bart_sizes(spec: ModelSpec) -> dict[str, Any]:
    both = {"layers": spec.encoder_layers, "attention_heads": spec.heads, "ffn_dim": spec.d_ff}
    sizes = {f"{stack}_{name}": value for stack in ("encoder", "decoder") for name, value in both.items()}
    return {"d_model": spec.d_model, "max_position_embeddings": spec.position_rows - 2, **sizes}
