"""What the forward pass keeps for the backward pass: bytes from a shape, a precision, a batch and a length."""

from dataclasses import dataclass

from utils.errors import at_least, one_of
from utils.models.specs import ModelSpec
from utils.units import PRECISION_BYTES, Precision

FUSED = ("gpt2", "bloom")  # families whose classes compute Q, K and V in one product


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
    positions are added to them. Each feed-forward network keeps its input likewise, and 2 hidden rows, or 4 when
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
    projections = 1 if spec.family.name in FUSED else 3
    score = (4 + (kind.compute if kind.compute < 4 else 0)) if spec.position_buckets else 0
    attention = rows * (_norm(spec, kind, projections) + 4 * inner * kind.compute + spec.heads * (rows * score or 4))
    feed_forward = rows * (_norm(spec, kind, 1 + gated) + (4 if gated else 2) * spec.d_ff * kind.compute)
    if not crossed:
        return attention + feed_forward
    cross = rows * (_norm(spec, kind) + 2 * inner * kind.compute + spec.heads * (crossed * score or 4))
    copies = 2 * spec.d_model * kind.compute if kind.working else 0
    return attention + feed_forward + cross + crossed * (2 * inner * kind.compute + copies)


def _norm(spec: ModelSpec, kind: Precision, products: int = 1) -> int:
    """Bytes per token that a norm keeps, for itself and for the matrix products that its output goes into.

    A norm with a gain only is computed in fp32 and keeps its input and the normed row; autocast makes a short copy of
    the output for each product.
    """
    own = 4 + kind.stream if spec.family.norm_vectors == 1 else kind.stream
    return spec.d_model * (own + kind.compute * (products if kind.working else 1))
