"""What the site's calculators calculate with: constants and tables of `utils`, written as a script for each.

A script and no JSON, because a page opened from disk may not fetch a file. The formulas stand in JavaScript in
book/_static/calculators/; tests compare them with those of `utils`.
"""

import json
from dataclasses import asdict
from typing import Any

from utils import units
from utils.costs import accelerators, measured_memory, memory, scaling_laws
from utils.models import number_formats, published
from utils.models.specs import ModelSpec

# The folder of the scripts; controls.js is common to all.
FOLDER = "calculators"
STORED = ("fp32", "bf16", "fp8", "int8", "int4")
SHAPE = (
    "name", "kind", "d_model", "d_ff", "heads", "d_head", "kv_heads", "encoder_layers", "decoder_layers", "vocabulary",
    "context_window", "position_buckets", "parameters",
)  # fmt: skip
FAMILY = ("gated", "norm_vectors", "outer_norms", "head_norms")


def shape(spec: ModelSpec) -> dict[str, Any]:
    """What the formulas ask of a model."""
    sizes = {name: getattr(spec, name) for name in SHAPE} | {name: getattr(spec.family, name) for name in FAMILY}
    return sizes | {"family": spec.family.name, "largest_unit": memory.largest_unit(spec)}


def memory_data() -> dict[str, Any]:
    """Models, precisions, cards, and training steps that were measured."""
    steps = measured_memory.bundled_steps()
    measured_shapes = {step.spec.name: step.spec for step in steps}
    return {
        "models": [shape(spec) for spec in (published.MODELS | measured_shapes).values()],
        "precisions": {name: asdict(kind) for name, kind in units.PRECISION_BYTES.items()},
        "moments": memory.MOMENTS,
        "fused": memory.FUSED,
        "bytes_per_dtype": units.BYTES_PER_DTYPE,
        "stored_dtypes": STORED,
        "most_ranks": memory.MOST_RANKS,
        "cards": accelerators.capacities(),
        "steps": [
            {"shape": row.spec.name, "step": asdict(row.step), "measured": asdict(row.measured)} for row in steps
        ],
    }


def scaling_data() -> dict[str, Any]:
    """Laws, those fitted again, devices and what they are assumed to cost."""
    laws = {
        "refit": scaling_laws.BESIROGLU,
        "source": scaling_laws.CHINCHILLA,
        "printed": scaling_laws.CHINCHILLA_PRINTED,
    }
    return {
        "laws": {name: asdict(law) for name, law in laws.items()},
        "simulated": [asdict(law) for law in scaling_laws.simulated_refits()],
        "largest_runs": scaling_laws.LARGEST_RUNS,
        "pfs_day": scaling_laws.PFS_DAY,
        "devices": {name: accelerators.device(name).peak_flops for name in accelerators.PRICES},
        "prices": accelerators.PRICES,
        "utilization": accelerators.UTILIZATION,
    }


def numbers_data() -> dict[str, Any]:
    """Formats of numbers, each with its kind."""
    formats = number_formats.FORMATS.values()
    return {"formats": [{"kind": type(one).__name__} | asdict(one) | {"bits": one.bits} for one in formats]}


# Each calculator by its name, which is also that of its script, and what it calculates with.
CALCULATORS = {"memory": memory_data, "numbers": numbers_data, "scaling": scaling_data}


def scripts(name: str) -> list[str]:
    """The scripts of a calculator, in the order in which they are loaded; the first is written by `data_script`."""
    return [f"{name}_data.js", "controls.js", f"{name}.js"]


def data_script(name: str) -> str:
    """The script that makes a calculator's data known."""
    printed = {"decimal_bytes": units.DECIMAL_BYTES, "counts": units.COUNTS}
    text = json.dumps(CALCULATORS[name]() | printed, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return f'"use strict";\nObject.assign((globalThis.courseCalculators ||= {{ data: {{}} }}).data, {text});\n'
