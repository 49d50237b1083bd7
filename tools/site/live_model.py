"""The course model as scripts that a page loads on a click, and the recorded run that it shows without them.

A page opened from file:// may not fetch a file, but it may add a script. So numbers come as text in scripts, each of
which puts its text under its own name into the global object `courseModel`. A name holds a hash of its content.
What was made is kept in _build/live_model while the model, the dialogues and this code stay as they are.
"""

import base64
import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.site import model_export
from utils import bundled, data, generation, models, prompts, runtime
from utils.models import LanguageModel, quantize

FOLDER = "course_model"  # of the scripts, in _static
# A multiple of three, so that parts in base64 are decoded one by one. Each moves the progress bar.
PART_BYTES = 1_800_000
TEMPLATE = prompts.template("flan")
MOST_SHOTS, SAMPLES = 6, 6
COMPARED = 40  # answers with and without rounding
RECORDED_SHOTS, LIKELIEST = 1, 4


@dataclass(frozen=True)
class Exported:
    """about: the script that names all others. bytes: of what a click loads. recorded: a run, step by step."""

    folder: Path
    about: str
    bytes: int
    recorded: dict


def exported(root: Path | None = None) -> Exported:
    """The scripts, made now or kept from an earlier build."""
    place = (root or runtime.project_root()) / "_build" / "live_model"
    folder = place / _key()
    if not folder.is_dir():
        for old in place.glob("*"):
            shutil.rmtree(old)
        # Another build may be at work too: the folder gets its name when all is in it.
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as unfinished:
            _make(Path(unfinished))
            shutil.copytree(unfinished, folder, dirs_exist_ok=True)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return Exported(folder, **summary)


def copy(made: Exported, static: Path) -> None:
    """Put the scripts below a site's folder _static."""
    target = static / FOLDER
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in made.folder.glob("*.js"):
        shutil.copy(path, target)


def _key() -> str:
    """A hash of all that the scripts depend on."""
    assets = bundled.manifest()
    used = [name for name in sorted(assets) if name.startswith(("course_model/", "dialogues/"))]
    parts = [f"{name} {assets[name].sha256}" for name in used]
    parts += [Path(module.__file__).read_text(encoding="utf-8") for module in (model_export, quantize, prompts)]
    parts.append(Path(__file__).read_text(encoding="utf-8"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _make(folder: Path) -> None:
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
    summary = {"about": f"{name}.js", "bytes": size, "recorded": _recorded(rounded, samples[0])}
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")


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
    import torch

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
