"""Memory of real training steps: each is run in a process of its own, and its parts are counted there.

`bundled_steps` reads those that `python -m runs.training_steps` measured.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from typing import Any

from utils import bundled, runtime
from utils.errors import CourseError, at_least, one_of
from utils.models import from_spec
from utils.models.specs import Family, ModelSpec

MEASURED_PRECISIONS = ("fp32", "autocast", "bf16")  # "mixed" needs an optimizer that PyTorch does not have
# The C library gives large blocks back at once, so that resident memory follows what PyTorch holds.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536", "MALLOC_ARENA_MAX": "1"}


@dataclass(frozen=True)
class Measured:
    """A training step in bytes.

    parameters, gradients, optimizer: sizes of the tensors that stand after the step. saved: tensors that one forward
    pass keeps for the backward pass, shorter copies of weights included, weights left out. peak: by how much resident
    memory rose above what it was before the model was built.
    """

    parameters: int
    gradients: int
    optimizer: int
    saved: int
    peak: int


@dataclass(frozen=True)
class Step:
    """What a step trains on; see `measure`."""

    batch: int
    tokens: int
    target_tokens: int = 0
    precision: str = "fp32"
    checkpointing: bool = False
    accumulation: int = 1


def measure(spec: ModelSpec, batch: int, tokens: int, timeout_s: float = 300, **more: Any) -> Measured:
    """Train an untrained model of this shape for two steps with Adam, without dropout, and measure the second.

    batch, tokens: rows and length of one forward pass. more: target_tokens, precision ("fp32", "autocast", "bf16"),
    checkpointing, and accumulation, the forward and backward passes per step whose gradients add up.
    Raises CourseError for bad sizes, a family that transformers has no class for, or a process that fails.

    The peak is the kernel's own, see `runtime.resident_bytes`.
    """
    step = Step(batch, tokens, **more)
    at_least(1, batch=batch, tokens=tokens, accumulation=step.accumulation)
    one_of("precision", step.precision, dict.fromkeys(MEASURED_PRECISIONS))
    one_of("family", spec.family.name, from_spec.CLASSES)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "utils.costs.measured_memory"],
            input=json.dumps([asdict(spec), asdict(step)]),
            env=runtime.child_environment(HF_HUB_OFFLINE="1", **ALLOCATOR),
            timeout=timeout_s,
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired:
        raise CourseError(f"The step should end within {timeout_s:g} s, but did not: take a smaller model.") from None
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise CourseError(f"A training step should have been measured, but its process failed: {last[0]}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


@dataclass(frozen=True)
class MeasuredStep:
    """A shape, what it was trained on, and what that took."""

    spec: ModelSpec
    step: Step
    measured: Measured


def spec_from(sizes: dict[str, Any]) -> ModelSpec:
    """A shape from the plain values of `asdict`."""
    return ModelSpec(**sizes | {"family": Family(**sizes["family"])})


def bundled_steps() -> list[MeasuredStep]:
    """The bundled measurements. Raises CourseError where the file is not as the manifest says."""
    held = json.loads(bundled.path("memory/steps.json").read_text(encoding="utf-8"))
    shapes = {sizes["name"]: spec_from(sizes) for sizes in held["shapes"]}
    return [
        MeasuredStep(shapes[row["shape"]], Step(**row["step"]), Measured(**row["measured"])) for row in held["steps"]
    ]


def untrained(spec: ModelSpec, step: Step) -> Any:
    """The model that is trained, as it is before the first step."""
    import torch

    model = from_spec.untrained(spec)
    if step.checkpointing:
        model.gradient_checkpointing_enable()
    return model.to(torch.bfloat16 if step.precision == "bf16" else torch.float32)


def loss_of(model: Any, step: Step) -> Any:
    """The loss of one forward pass over random tokens."""
    import torch

    ids = torch.randint(3, model.config.vocab_size, (step.batch, step.tokens))
    labels = ids[:, : step.target_tokens].contiguous() if step.target_tokens else ids
    with torch.autocast("cpu", torch.bfloat16, enabled=step.precision == "autocast"):
        return model(input_ids=ids, labels=labels).loss


def steps(spec: ModelSpec, step: Step) -> tuple[Any, Any]:
    """A model and its optimizer after two steps; gradients are freed before each."""
    import torch

    model = untrained(spec, step)
    optimizer = torch.optim.Adam(model.parameters(), foreach=False)
    for _ in range(2):
        optimizer.zero_grad(set_to_none=True)
        for _ in range(step.accumulation):
            loss_of(model, step).backward()
        optimizer.step()
    return model, optimizer


def saved_bytes(model: Any, step: Step) -> int:
    """Bytes that one forward pass keeps: each storage once, weights left out."""
    import torch

    weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    kept = {}

    def keep(tensor):
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = loss_of(model, step)
    assert loss.requires_grad
    return sum(storage.nbytes() for place, storage in kept.items() if place not in weights)


def main() -> None:
    """Measure the training step that stands on stdin, with the shape of its model; print it as JSON."""
    sizes, step = json.load(sys.stdin)
    spec, step = spec_from(sizes), Step(**step)
    runtime.start("laptop")
    layers = {"encoder_layers": min(spec.encoder_layers, 1), "decoder_layers": min(spec.decoder_layers, 1)}
    steps(replace(spec, **layers), replace(step, batch=1))  # what is loaded on first use is no part of the step
    before = runtime.resident_bytes()
    model, optimizer = steps(spec, step)
    peak = runtime.resident_bytes(peak=True) - before
    moments = (tensor for state in optimizer.state.values() for tensor in state.values() if tensor.ndim)
    measured = Measured(
        parameters=sum(weight.nbytes for weight in model.parameters()),
        gradients=sum(weight.grad.nbytes for weight in model.parameters()),
        optimizer=sum(tensor.nbytes for tensor in moments),
        saved=saved_bytes(model, step),
        peak=peak,
    )
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main()
