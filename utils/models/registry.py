"""The shape behind a model's name."""

import json

from utils import hub
from utils.errors import CourseError
from utils.models import published
from utils.models.specs import ModelSpec

FLAN_T5_BASE = published.MODELS["FLAN-T5-base"]
HUB_NAMES = {"google/flan-t5-base": "FLAN-T5-base"}


def spec(name: str = "course") -> ModelSpec:
    """The shape behind a model's name; the course model's is read from its own config.json.

    name: "course", a name in `published.MODELS`, or "google/flan-t5-base".
    Raises CourseError for another name, or when the course model is missing.

    >>> spec("BLOOM").parameters
    176247271424
    """
    known = published.MODELS.get(HUB_NAMES.get(name, name))
    if known:
        return known
    if name != "course":
        names = ", ".join(("course", *published.MODELS, *HUB_NAMES))
        raise CourseError(f"The shapes known are {names}, but {name!r} came: choose one.")
    config = json.loads((hub.folder("course", "model") / "config.json").read_text(encoding="utf-8"))
    return ModelSpec(
        name="course",
        family=published.T5_V11,
        d_model=config["d_model"],
        d_ff=config["d_ff"],
        heads=config["num_heads"],
        d_head=config["d_kv"],
        encoder_layers=config["num_layers"],
        decoder_layers=config["num_decoder_layers"],
        vocabulary=config["vocab_size"],
        context_window=config["n_positions"],
        source="config.json of the bundled course model",
        position_buckets=config["relative_attention_num_buckets"],
        tied=config.get("tie_word_embeddings", True),
    )
