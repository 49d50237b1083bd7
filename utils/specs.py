"""What a name stands for: the published shape of a model, and the folder behind a model's or data set's name.

A shape is written once; the number of parameters is computed from it.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from utils import hub, runtime
from utils.runtime import CourseError

BUNDLED = {  # what a name stands for: a folder of utils/assets
    "model": {"course": "course_model"},
    "dataset": {"course": "dialogues", "handwritten": "handwritten"},
}


@dataclass(frozen=True)
class ModelSpec:
    """The shape of a T5 v1.1 encoder-decoder; sizes are numbers of entries, `context_window` is in tokens."""

    name: str
    d_model: int
    d_ff: int
    heads: int
    d_head: int
    encoder_layers: int
    decoder_layers: int
    vocabulary: int
    position_buckets: int
    tied: bool
    context_window: int
    source: str

    @property
    def parameters(self) -> int:
        """Number of trained weights: embedding (twice when untied), attention, gated feed-forward, norms, positions.

        P = V·D·(1 or 2) + L_enc·(4·D·A + 3·D·F + 2·D) + L_dec·(8·D·A + 3·D·F + 3·D) + 2·B·H + 2·D, where A = H·d_head.

        >>> FLAN_T5_BASE.parameters
        247577856
        """
        d = self.d_model
        attention, feed_forward = 4 * d * self.heads * self.d_head, 3 * d * self.d_ff
        encoder = self.encoder_layers * (attention + feed_forward + 2 * d)
        decoder = self.decoder_layers * (2 * attention + feed_forward + 3 * d)
        embeddings = self.vocabulary * d * (1 if self.tied else 2)
        return embeddings + encoder + decoder + 2 * self.position_buckets * self.heads + 2 * d


FLAN_T5_BASE = ModelSpec(
    name="google/flan-t5-base",
    d_model=768,
    d_ff=2048,
    heads=12,
    d_head=64,
    encoder_layers=12,
    decoder_layers=12,
    vocabulary=32_128,
    position_buckets=32,
    tied=False,
    context_window=512,
    source="config.json and safetensors header of google/flan-t5-base; Chung et al. 2022, Table 1",
)


def model(name: str = "course") -> ModelSpec:
    """The shape behind a model's name; the course model's is read from its own config.json.

    name: "course" or "google/flan-t5-base".
    Raises CourseError for another name, or when the course model is missing.
    """
    if name == FLAN_T5_BASE.name:
        return FLAN_T5_BASE
    if name != "course":
        raise CourseError(f'The shapes known are "course" and "{FLAN_T5_BASE.name}", but {name!r} came: choose one.')
    config = json.loads((folder("course", "model") / "config.json").read_text(encoding="utf-8"))
    return ModelSpec(
        name="course",
        d_model=config["d_model"],
        d_ff=config["d_ff"],
        heads=config["num_heads"],
        d_head=config["d_kv"],
        encoder_layers=config["num_layers"],
        decoder_layers=config["num_decoder_layers"],
        vocabulary=config["vocab_size"],
        position_buckets=config["relative_attention_num_buckets"],
        tied=config.get("tie_word_embeddings", True),
        context_window=config["n_positions"],
        source="config.json of the bundled course model",
    )


def folder(name: str, kind: str) -> Path:
    """The local folder behind a name.

    name: a bundled name, an existing folder, or a hub id "owner/name"; a folder wins over a hub id. Bundled are the
    model "course" and the data sets "course" and "handwritten"; the latter has a test split only.
    kind: "model" or "dataset".
    Raises CourseError when the name is none of these, or as `hub.fetch` does.
    """
    bundled = BUNDLED[kind].get(name)
    path = runtime.assets_dir() / bundled if bundled else Path(name).expanduser()
    if name and path.is_dir():
        return path
    if bundled:
        raise CourseError(f"The bundled {hub.NOUN[kind]} should lie in {path}, but is missing: install it anew.")
    if re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", str(name)):
        return hub.fetch(str(name), kind)
    names = ", ".join(f'"{known}"' for known in BUNDLED[kind])
    raise CourseError(
        f'The {hub.NOUN[kind]} should be {names}, an existing folder or a hub id such as "owner/name", but '
        f"{str(name)!r} came: correct the name, or set {hub.INSTEAD[kind]}, which works offline."
    )
