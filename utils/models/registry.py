"""What a name stands for: the shape of a model, and the folder behind a model's or data set's name."""

import json
import re
from pathlib import Path

from utils import bundled, hub
from utils.errors import CourseError
from utils.models import published
from utils.models.specs import ModelSpec

BUNDLED = {  # what a name stands for: a folder of utils/assets
    "model": {"course": "course_model"},
    "dataset": {"course": "dialogues", "handwritten": "handwritten"},
}


FLAN_T5_BASE = published.MODELS["FLAN-T5-base"]
HUB_NAMES = {"google/flan-t5-base": "FLAN-T5-base"}


def model(name: str = "course") -> ModelSpec:
    """The shape behind a model's name; the course model's is read from its own config.json.

    name: "course", a name in `published.MODELS`, or "google/flan-t5-base".
    Raises CourseError for another name, or when the course model is missing.

    >>> model("BLOOM").parameters
    176247271424
    """
    known = published.MODELS.get(HUB_NAMES.get(name, name))
    if known:
        return known
    if name != "course":
        names = ", ".join(("course", *published.MODELS, *HUB_NAMES))
        raise CourseError(f"The shapes known are {names}, but {name!r} came: choose one.")
    config = json.loads((folder("course", "model") / "config.json").read_text(encoding="utf-8"))
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


def folder(name: str, kind: str) -> Path:
    """The local folder behind a name.

    name: a bundled name, an existing folder, or a hub id "owner/name"; a folder wins over a hub id. Bundled are the
    model "course" and the data sets "course" and "handwritten"; the latter has a test split only.
    kind: "model" or "dataset".
    Raises CourseError when the name is none of these, or as `bundled.path` and `hub.fetch` do.
    """
    if name in BUNDLED[kind]:
        return bundled.path(BUNDLED[kind][name])
    if name and (path := Path(name).expanduser()).is_dir():
        return path
    if re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", str(name)):
        return hub.fetch(str(name), kind)
    names = ", ".join(f'"{known}"' for known in BUNDLED[kind])
    raise CourseError(
        f'The {hub.NOUN[kind]} should be {names}, an existing folder or a hub id such as "owner/name", but '
        f"{str(name)!r} came: correct the name, or set {hub.INSTEAD[kind]}, which works offline."
    )
