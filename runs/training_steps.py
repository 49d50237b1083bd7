"""Measure real training steps for the memory calculator: `python -m runs.training_steps`, some minutes on one core.

The shape of lab 06's second notebook, one of T5's and one whose heads share keys; each step in a process of its own.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from runs import manifest
from utils import bundled
from utils.costs import measured_memory
from utils.costs.measured_memory import Step
from utils.models import published, specs
from utils.models.specs import ModelSpec

TABLE = bundled.FOLDER / "memory" / "steps.json"
TOKENS = 256
DECODER = specs.decoder(256, 4, 4, 2048, 256, "Lab 06's decoder", source="lab 06, second notebook")
ENCODER_DECODER = ModelSpec(
    "A small T5", published.T5_V11, 256, 640, 4, 64, 4, 4, 2048, 512, "the bundled model's width", position_buckets=32
)
GROUPED = ModelSpec(
    "A small Llama", published.LLAMA, 256, 704, 8, 32, 0, 4, 2048, 256, "2 heads of keys for 8 of queries",
    tied=False, kv_heads=2,
)  # fmt: skip
JOBS = [
    *((DECODER, Step(batch, TOKENS)) for batch in (1, 4, 16)),
    *((DECODER, Step(4, TOKENS, precision=precision)) for precision in ("autocast", "bf16")),
    *((DECODER, Step(batch, TOKENS, checkpointing=True)) for batch in (4, 16)),
    (ENCODER_DECODER, Step(4, TOKENS, 64)),
    *((GROUPED, Step(4, TOKENS, checkpointing=checkpointing)) for checkpointing in (False, True)),
]
LONGEST_S = 1800  # on a machine with other work


def row(spec: ModelSpec, step: Step) -> dict:
    """One measured step, as plain values."""
    more = {name: value for name, value in asdict(step).items() if name not in ("batch", "tokens")}
    measured = measured_memory.measure(spec, step.batch, step.tokens, timeout_s=LONGEST_S, **more)
    return {"shape": spec.name, "step": asdict(step), "measured": asdict(measured)}


def main(arguments: list[str] | None = None) -> None:
    """Measure all and write the table, after each step anew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=TABLE)
    out = parser.parse_args(arguments).out
    out.parent.mkdir(parents=True, exist_ok=True)
    shapes, rows = [asdict(spec) for spec in (DECODER, ENCODER_DECODER, GROUPED)], []
    for spec, step in JOBS:
        rows.append(row(spec, step))
        print(spec.name, step, f"peak {rows[-1]['measured']['peak'] / 1e6:.1f} MB", flush=True)
        text = json.dumps({"shapes": shapes, "steps": rows}, indent=1, ensure_ascii=False)
        out.write_text(text + "\n", encoding="utf-8")
        manifest.record([out], "runs.training_steps", licence="MIT")


if __name__ == "__main__":
    main()
