"""Writes the scripts of the live model: weights, tokenizer, dialogues to choose from, and what is told about them.

A page opened from file:// may not fetch a file, but it may add a script. So numbers come as text in scripts, each of
which puts its text under its own name into the global object `courseModel`. A name holds a hash of its content.
"""

import base64
import hashlib
import json
from pathlib import Path

import torch

from tools.site import model_export
from utils import data, generation, models, prompts
from utils.models import LanguageModel, quantize

# A multiple of three, so that parts in base64 are decoded one by one. Each moves the progress bar.
PART_BYTES = 1_800_000
TEMPLATE = prompts.template("flan")
MOST_SHOTS, SAMPLES = 6, 6
COMPARED = 40  # answers with and without rounding
RECORDED_SHOTS, LIKELIEST = 1, 4


def write(folder: Path) -> dict:
    """Write every script into an empty folder. Returns the fields of `live_model.Exported`, without the folder."""
    lm = models.load("course", precision="fp32", device="cpu")
    rounded = LanguageModel(lm.name, quantize.rounded(lm.model, 8), lm.tokenizer, lm.context_window, "int8")
    weights = model_export.weights(lm)
    parts = {
        "tokenizer": _scripts(folder, "tokenizer", [json.dumps(model_export.tokenizer(lm))]),
        "weights": _scripts(folder, "weights", _base64(weights.data)),
        "rest": _scripts(folder, "rest", _base64(weights.rest)),
    }
    train, test = data.dialogues(split="train"), data.dialogues(split="test")
    rows = test[:: len(test) // COMPARED][:COMPARED]
    asked = [prompts.few_shot(row.dialogue, prompts.pick_examples(train, row, 1), TEMPLATE.name) for row in rows]
    before, after = (generation.generate(each, asked, progress=False) for each in (lm, rounded))
    # A stranger's first answer should be a good one. The other dialogues are taken as they come.
    good = [row for row, answer in zip(rows, after, strict=True) if answer == row.summary]
    samples = [_sample(row, train) for row in _varied(lm, train, good[:1] + test)]
    about = {
        "shape": model_export.shape(lm),
        "tensors": weights.tensors,
        "parts": parts,
        "bytes": {kind: sum((folder / f"{name}.js").stat().st_size for name in names) for kind, names in parts.items()},
        "template": {"before": TEMPLATE.before, "after": TEMPLATE.after, "gap": prompts.EXAMPLE_GAP},
        "samples": samples,
        "compared": {"prompts": COMPARED, "same": sum(a == b for a, b in zip(before, after, strict=True))},
    }
    (name,) = _scripts(folder, "about", [json.dumps(about)])
    size = about["bytes"]["tokenizer"] + about["bytes"]["weights"]
    return {"about": f"{name}.js", "bytes": size, "recorded": _recorded(rounded, samples[0])}


def _scripts(folder: Path, kind: str, texts: list[str]) -> list[str]:
    """Write a script for each text; returns their names, without .js."""
    names = []
    for number, text in enumerate(texts):
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        names.append(f"{kind}-{number}-{digest}")
        # As a value, not as text of JSON: parsing base64 as a string is the quickest thing that a browser can do.
        line = f"(globalThis.courseModel ??= {{}})[{json.dumps(names[-1])}] = {text};\n"
        (folder / f"{names[-1]}.js").write_text(line, encoding="utf-8")
    return names


def _base64(raw: bytes) -> list[str]:
    chunks = (raw[start : start + PART_BYTES] for start in range(0, len(raw), PART_BYTES))
    return [json.dumps(base64.b64encode(chunk).decode()) for chunk in chunks]


def _varied(lm: LanguageModel, train: list, test: list) -> list:
    """Dialogues of different topics and conventions, whose longest prompt fits the window."""
    rows: list = []
    for row in test:
        new = all(row.topic != other.topic and row.convention != other.convention for other in rows)
        if new:
            text = prompts.few_shot(row.dialogue, prompts.pick_examples(train, row, MOST_SHOTS), TEMPLATE.name)
            if prompts.token_meter(lm.tokenizer, text, lm.context_window).fits:
                rows.append(row)
        if len(rows) == SAMPLES:
            break
    return rows


def _sample(row, train: list) -> dict:
    examples = prompts.pick_examples(train, row, MOST_SHOTS)
    pairs = [[example.dialogue, example.summary] for example in examples]
    return {"topic": row.topic, "dialogue": row.dialogue, "summary": row.summary, "examples": pairs}


def _recorded(lm: LanguageModel, sample: dict) -> dict:
    """A greedy run in Python on the same rounded weights: the answer, and the likeliest tokens of each step."""
    shown = [data.Dialogue("", *pair, topic="") for pair in sample["examples"][:RECORDED_SHOTS]]
    prompt = prompts.few_shot(sample["dialogue"], shown, TEMPLATE.name)
    config = generation.settings(model_export.NEW_TOKENS)
    config.return_dict_in_generate = config.output_logits = True
    with torch.inference_mode():
        made = lm.model.generate(**lm.tokenizer(prompt, return_tensors="pt"), generation_config=config)
    tokens = made.sequences[0, 1:].tolist()
    steps = []
    for token, logits in zip(tokens, made.logits, strict=True):
        top = logits[0].double().softmax(-1).topk(LIKELIEST)
        likeliest = [[_named(lm, i), p] for i, p in zip(top.indices.tolist(), top.values.tolist(), strict=True)]
        steps.append({"token": _named(lm, token), "likeliest": likeliest})
    answer = lm.tokenizer.decode(tokens, skip_special_tokens=True)
    return {"dialogue": sample["dialogue"], "shots": RECORDED_SHOTS, "answer": answer, "steps": steps}


def _named(lm: LanguageModel, token: int) -> str:
    return lm.tokenizer.convert_ids_to_tokens(token)
