"""What training and generating take in memory: bytes from a shape, a precision, an optimizer and a number of workers.

Everything here is calculated, for one rank (one worker, one GPU). Lab 06 and lab 07 measure the same on real processes,
with `utils.costs.measured_memory`. The site's memory calculator is this module in JavaScript.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from math import ceil, prod
from typing import Any

from utils.errors import CourseError, at_least, one_of
from utils.models.specs import ModelSpec
from utils.units import PRECISION_BYTES, Precision, dtype_bytes

MOMENTS = {"adam": 2, "momentum": 1, "sgd": 0}
FUSED = ("gpt2", "bloom")  # families whose classes compute Q, K and V in one product
MOST_RANKS = 2**16
COLLECTIVES = {"all_reduce": 2, "reduce_scatter": 1, "all_gather": 1}


@dataclass(frozen=True)
class States:
    """Model states of one rank, in bytes: what stays from step to step."""

    parameters: int
    gradients: int
    optimizer: int

    @property
    def total(self) -> int:
        return sum(astuple(self))


@dataclass(frozen=True)
class Activations:
    """Bytes of one forward pass over a batch.

    layers, outputs: kept for the backward pass, by the layers, and by the last norm and the loss. temporary: what
    stands beside them at the worst moment of the backward pass.
    """

    layers: int
    outputs: int
    temporary: int

    @property
    def total(self) -> int:
        """What the forward pass keeps."""
        return self.layers + self.outputs


@dataclass(frozen=True)
class Inference:
    """What generating holds, in bytes: the weights, and the keys and values of the tokens so far."""

    weights: int
    cache: int

    @property
    def total(self) -> int:
        return sum(astuple(self))


@dataclass(frozen=True)
class Training:
    """A training step on one rank, in bytes.

    gathered: whole parameters that stand beside the rank's shares for a while, and the shorter working copy of the
    weights. activations: what the forward pass keeps for the backward pass. temporary: what stands beside it at the
    worst moment, the gradients with respect to the logits or, with checkpointing, a layer that is computed again.
    buffers: what sharding needs beside one gathered part: the next one, which is fetched ahead, a whole gradient before
    it is scattered, and the copy that the collective reads.
    """

    parameters: int
    gradients: int
    optimizer: int
    gathered: int
    activations: int
    temporary: int
    buffers: int = 0

    @property
    def total(self) -> int:
        """All parts at once: gradients kept from one step to the next, as when they accumulate."""
        return sum(astuple(self))

    @property
    def peak(self) -> int:
        """The largest moment when gradients are freed after each step: they grow while the activations shrink."""
        return self.total - min(self.gradients, self.activations + self.temporary)


def states(
    parameters: int, precision: str = "fp32", optimizer: str = "adam", zero_stage: int = 0, world_size: int = 1
) -> States:
    """Bytes of weights, gradients and optimizer state on one rank.

    A stage shards, that is keeps ceil(P / N) of the P entries of: 0 nothing, 1 the optimizer's state, 2 the gradients
    too, 3 the weights too.
    precision: "fp32", "autocast", "mixed" or "bf16". optimizer: "adam", "momentum" or "sgd".
    Raises CourseError for a name or number outside these.

    >>> states(1_000_000_000), states(8, "mixed", zero_stage=3, world_size=4).total
    (States(parameters=4000000000, gradients=4000000000, optimizer=8000000000), 32)

    Source: Rajbhandari et al. 2020, sections 3.1 and 5. Derived in lab 07.
    """
    at_least(1, parameters=parameters, world_size=world_size)
    kind, moments = one_of("precision", precision, PRECISION_BYTES), one_of("optimizer", optimizer, MOMENTS)
    if zero_stage not in (0, 1, 2, 3):
        raise CourseError(f"The ZeRO stage must be 0, 1, 2 or 3, but {zero_stage!r} came: choose one of them.")
    whole, share = parameters, ceil(parameters / world_size)
    return States(
        parameters=kind.weight * (share if zero_stage == 3 else whole),
        gradients=kind.gradient * (share if zero_stage >= 2 else whole),
        optimizer=(kind.master + kind.moment * moments) * (share if zero_stage >= 1 else whole),
    )


SLIDE_ACTIVATIONS = 8  # bytes per parameter: the lectures' high-end guess, which no shape enters


def slide(parameters: int) -> Training:
    """The lectures' table for fp32 and Adam: 4 + 4 + 8 bytes per parameter, and 8 for all that is temporary.

    >>> slide(1_000_000_000).total
    24000000000
    """
    kept = states(parameters)
    return Training(*astuple(kept), gathered=0, activations=SLIDE_ACTIVATIONS * parameters, temporary=0)


def row_shard(shapes: Iterable[tuple[int, ...]], world_size: int, rank: int) -> int:
    """Entries that `fully_shard` leaves on a rank: each parameter is cut into ceil(rows / N) rows, as torch.chunk cuts.

    shapes: one for each parameter. The last ranks hold less, or nothing, where the rows do not divide.

    >>> [row_shard([(5, 2)], 4, rank) for rank in range(4)]
    [4, 4, 2, 0]
    """
    at_least(1, world_size=world_size)
    if not 0 <= rank < world_size:
        raise CourseError(f"The rank must be from 0 to {world_size - 1}, but {rank} came: ranks count from 0.")
    entries = 0
    for rows, *rest in shapes:
        share = ceil(rows / world_size)
        entries += max(0, min(rows, (rank + 1) * share) - rank * share) * prod(rest)
    return entries


def ring_bytes(nbytes: int, world_size: int, collective: str = "all_reduce") -> int:
    """Bytes that one rank sends when a collective runs as a ring: (N − 1) / N of the tensor, twice to all-reduce.

    nbytes: the whole tensor; where N does not divide it, its parts are rounded up.

    >>> ring_bytes(1000, 4), ring_bytes(1000, 4, "all_gather"), ring_bytes(1000, 1)
    (1500, 750, 0)

    Source: Patarasuk and Yuan 2009. Derived in lab 07.
    """
    at_least(1, world_size=world_size)
    return one_of("collective", collective, COLLECTIVES) * (world_size - 1) * ceil(nbytes / world_size)


def activations(
    spec: ModelSpec,
    batch: int,
    tokens: int,
    target_tokens: int = 0,
    precision: str = "fp32",
    checkpointing: bool = False,
) -> Activations:
    """What the forward pass keeps for the backward pass, without dropout.

    Each attention keeps its input, before and after the norm, Q, K, V and its output; the scores only where relative
    positions are added to them. Heads that share keys keep them once; norms over heads keep their input in fp32 and
    the normed entries. Each feed-forward network keeps its input likewise, and 2 hidden rows, or 4 when
    gated. The loss keeps the log-probabilities in fp32; the backward pass begins with two more tables of that size.
    batch: rows. tokens: length of a row; for an encoder-decoder of the input, and target_tokens of the output.
    checkpointing: only each layer's input is kept, and one layer at a time is computed again.
    Raises CourseError for a size under 1 or an unknown precision.

    Counted from the tensors that PyTorch 2.13 saves for models of transformers 5 (lab 06, second notebook).
    """
    at_least(1, batch=batch, tokens=tokens)
    if spec.kind == "encoder-decoder":
        at_least(1, target_tokens=target_tokens)
    kind = one_of("precision", precision, PRECISION_BYTES)
    stacks = [(spec.encoder_layers, tokens, 0)] if spec.encoder_layers else []
    if spec.decoder_layers:
        crossed = tokens if spec.encoder_layers else 0
        stacks.append((spec.decoder_layers, target_tokens if crossed else tokens, crossed))
    layer_bytes = [batch * _layer(spec, kind, rows, crossed) for _, rows, crossed in stacks]
    logits = batch * stacks[-1][1] * spec.vocabulary * 4
    norms = bool(spec.family.outer_norms) * sum(batch * rows * _norm(spec, kind) for _, rows, _ in stacks)
    if not checkpointing:
        layers = sum(count * size for (count, _, _), size in zip(stacks, layer_bytes, strict=True))
        return Activations(layers, norms + logits, temporary=2 * logits)
    layers = sum(batch * rows * count * spec.d_model * kind.stream for count, rows, _ in stacks)
    return Activations(layers, norms + logits, temporary=max(2 * logits, *layer_bytes))


def _layer(spec: ModelSpec, kind: Precision, rows: int, crossed: int) -> int:
    """Bytes that one layer keeps for one row of `rows` tokens; `crossed`: tokens of the encoder it attends to, or 0."""
    inner, gated = spec.heads * spec.d_head, spec.family.gated
    shared = (spec.kv_heads or spec.heads) * spec.d_head
    projections = 1 if spec.family.name in FUSED else 3
    score = (4 + (kind.compute if kind.compute < 4 else 0)) if spec.position_buckets else 0
    normed = (inner + shared) * (4 + kind.compute) if spec.family.head_norms else 0
    entries = 2 * (inner + shared) * kind.compute + normed
    attention = rows * (_norm(spec, kind, projections) + entries + spec.heads * (rows * score or 4))
    feed_forward = rows * (_norm(spec, kind, 1 + gated) + (4 if gated else 2) * spec.d_ff * kind.compute)
    if not crossed:
        return attention + feed_forward
    cross = rows * (_norm(spec, kind) + 2 * inner * kind.compute + spec.heads * (crossed * score or 4))
    copies = 2 * spec.d_model * kind.compute if kind.working else 0  # autocast's, one for K's product and one for V's
    return attention + feed_forward + cross + crossed * (2 * inner * kind.compute + copies)


def _norm(spec: ModelSpec, kind: Precision, products: int = 1) -> int:
    """Bytes per token that a norm keeps, for itself and for the matrix products that its output goes into.

    A norm with a gain only is computed in fp32 and keeps its input and the normed row; autocast makes a short copy of
    the output for each product.
    """
    # Autocast remembers its copies of weights, but not those of inputs: each product makes its own and keeps it for the
    # backward pass, three of one row for separate Q, K and V, one for a fused product.
    own = 4 + kind.stream if spec.family.norm_vectors == 1 else kind.stream
    return spec.d_model * (own + kind.compute * (products if kind.working else 1))


def training(
    spec: ModelSpec,
    batch: int,
    tokens: int,
    target_tokens: int = 0,
    precision: str = "fp32",
    optimizer: str = "adam",
    zero_stage: int = 0,
    world_size: int = 1,
    checkpointing: bool = False,
) -> Training:
    """Bytes of a training step on one rank, by part; arguments as for `states` and `activations`.

    batch: rows of one rank. Under stage 3 the largest part that is gathered at once, a layer or the embedding table,
    stands beside the rank's shares, with one rank too, as `fully_shard` does it.
    Raises CourseError as `states` and `activations` do.
    """
    kept = states(spec.parameters, precision, optimizer, zero_stage, world_size)
    kind = PRECISION_BYTES[precision]
    gathered, buffers = kind.working * spec.parameters, 0
    if zero_stage == 3:
        gathered = (kind.working or kind.weight) * largest_unit(spec)
        buffers = 3 * gathered
    kept_for_backward = activations(spec, batch, tokens, target_tokens, precision, checkpointing)
    return Training(*astuple(kept), gathered, kept_for_backward.total, kept_for_backward.temporary, buffers)


def largest_unit(spec: ModelSpec) -> int:
    """Parameters of the largest part that stage 3 gathers at once: a layer, or the embedding table."""
    layers = replace(spec, encoder_layers=min(spec.encoder_layers, 1), decoder_layers=min(spec.decoder_layers, 1))
    parts = layers.parts
    return max(parts.embedding, parts.attention + parts.feed_forward)


def ranks_needed(
    room: float, spec: ModelSpec, batch: int, tokens: int, most: int = MOST_RANKS, **more: Any
) -> int | None:
    """The least number of ranks at which a training step's peak is at most `room` bytes on each; None if `most` fail.

    more: other arguments of `training`, world_size left out. The batch of a rank stays, so more ranks never need more.
    Raises CourseError as `training` does.
    """

    def fits(world_size: int) -> bool:
        return training(spec, batch, tokens, world_size=world_size, **more).peak <= room

    ranks = bisect_left(range(1, most + 1), True, key=fits) + 1
    return ranks if ranks <= most else None


def kv_cache(spec: ModelSpec, batch: int, tokens: int, prompt_tokens: int = 0, dtype: str = "bf16") -> int:
    """Bytes of keys and values that generation keeps: 2 · layers · kv_heads · d_head numbers a token.

    tokens: in the decoder, prompt included when there is no encoder. prompt_tokens: in the encoder, whose keys and
    values each decoder layer keeps too.

    >>> from utils.models import published
    >>> kv_cache(published.MODELS["GPT-3"], batch=1, tokens=2048)
    9663676416

    Derived in lab 06.
    """
    at_least(1, batch=batch, tokens=tokens)
    seen = tokens + (prompt_tokens if spec.kind == "encoder-decoder" else 0)
    heads = spec.kv_heads or spec.heads
    return int(2 * spec.decoder_layers * batch * seen * heads * spec.d_head * dtype_bytes(dtype))


def inference(
    spec: ModelSpec, batch: int, tokens: int, prompt_tokens: int = 0, weights: str = "bf16", cache: str = "bf16"
) -> Inference:
    """Bytes that generating holds; batch, tokens and prompt_tokens as for `kv_cache`.

    weights, cache: types of their numbers. Scales of quantized weights are left out.
    Raises CourseError as `kv_cache` does.
    """
    held = kv_cache(spec, batch, tokens, prompt_tokens, cache)
    return Inference(ceil(spec.parameters * dtype_bytes(weights)), held)
