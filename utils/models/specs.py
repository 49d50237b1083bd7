"""The shape of a transformer, and the number of parameters that follows from it.

One formula serves all families; a family says which of its terms are there.
"""

from dataclasses import astuple, dataclass

from utils.errors import CourseError, at_least


@dataclass(frozen=True)
class Family:
    """What the layers of one family hold.

    name: as transformers calls it, or "" where it has no such class. gated: three matrices feed forward, not two.
    biases: every matrix of a layer comes with a bias vector. norm_vectors: 2 for gain and bias, 1 for gain only, 0
    where they are not counted. outer_norms: norms outside the layers, in all stacks together.
    position_matrices: matrices in each attention that turn relative positions into keys. head_norms: norms in each
    attention, of the width of one head, over queries and keys.
    """

    name: str
    gated: bool = False
    biases: bool = True
    norm_vectors: int = 2
    outer_norms: int = 1
    position_matrices: int = 0
    head_norms: int = 0


@dataclass(frozen=True)
class Parts:
    """Parameters of a model by what they do."""

    embedding: int
    positions: int
    attention: int
    feed_forward: int
    norms: int
    extra: int


@dataclass(frozen=True)
class ModelSpec:
    """A published shape; sizes are numbers of entries, `context_window` is in tokens.

    vocabulary: rows of the embedding table. position_rows, position_buckets: rows of each stack's learned position
    table (with D entries) and of its bias table (with H). kv_heads: heads of keys and values, where several heads of
    queries share one; 0 where each has its own. tied: input and output share one embedding table.
    extra: parameters the formula does not know, explained in `gap`. published: the count its authors give, 0 if none.
    gap: where the difference between `published` and `parameters` comes from.
    """

    name: str
    family: Family
    d_model: int
    d_ff: int
    heads: int
    d_head: int
    encoder_layers: int
    decoder_layers: int
    vocabulary: int
    context_window: int
    source: str
    position_rows: int = 0
    position_buckets: int = 0
    kv_heads: int = 0
    tied: bool = True
    extra: int = 0
    published: float = 0
    gap: str = ""

    @property
    def kind(self) -> str:
        """ "encoder-only", "encoder-decoder" or "decoder-only"."""
        if self.encoder_layers and self.decoder_layers:
            return "encoder-decoder"
        return "encoder-only" if self.encoder_layers else "decoder-only"

    @property
    def parts(self) -> Parts:
        """Parameters by what they do, from the shape alone.

        Attention: 2·D·(A + K) per sublayer, A = H·d_head and K the same for kv_heads, and A + 2·K + D biases.
        Feed-forward: 2·D·F, or 3·D·F when gated, and F + D biases. Norms: one for each sublayer. A decoder layer of an
        encoder-decoder has two attention sublayers.

        Derived in lab 01. Source: Vaswani et al. 2017, section 3.
        """
        d, inner, f = self.d_model, self.heads * self.d_head, self.family
        shared = (self.kv_heads or self.heads) * self.d_head
        layers, stacks = self.encoder_layers + self.decoder_layers, 1 + (self.kind == "encoder-decoder")
        attentions = layers + (self.decoder_layers if stacks == 2 else 0)
        one_attention = d * ((2 + f.position_matrices) * inner + 2 * shared) + f.biases * (inner + 2 * shared + d)
        one_feed_forward = (2 + f.gated) * d * self.d_ff + f.biases * (self.d_ff + d)
        return Parts(
            embedding=self.vocabulary * d * (1 if self.tied else 2),
            positions=stacks * (self.position_rows * d + self.position_buckets * self.heads),
            attention=attentions * one_attention,
            feed_forward=layers * one_feed_forward,
            norms=(attentions + layers + f.outer_norms) * f.norm_vectors * d + attentions * f.head_norms * self.d_head,
            extra=self.extra,
        )

    @property
    def parameters(self) -> int:
        """Number of trained weights, the sum of `parts`."""
        return sum(astuple(self.parts))


GPT = Family("gpt2")


def decoder(
    d_model: int, heads: int, layers: int, vocabulary: int, context_window: int, name: str = "decoder", **more
) -> ModelSpec:
    """The shape of a GPT: heads of D / H entries, feed-forward width 4·D, one learned position vector for each place.

    more: other fields of ModelSpec.
    Raises CourseError for a size under 1, or when the heads do not divide the width.

    >>> decoder(768, 12, 12, 50_257, 1024).parameters
    124439808

    Source: Radford et al. 2019, section 2.3.
    """
    at_least(1, d_model=d_model, heads=heads, layers=layers, vocabulary=vocabulary, context_window=context_window)
    if d_model % heads:
        raise CourseError(
            f"The heads must divide the width, but {heads} heads came for a width of {d_model}: change one."
        )
    return ModelSpec(
        name=name, family=GPT, d_model=d_model, d_ff=4 * d_model, heads=heads, d_head=d_model // heads,
        encoder_layers=0, decoder_layers=layers, vocabulary=vocabulary, context_window=context_window,
        position_rows=context_window, **{"source": "our own sizes"} | more,
    )  # fmt: skip
