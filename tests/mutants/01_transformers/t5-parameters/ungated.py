"""Counts two feed-forward matrices. Caught by t5-parameters-check."""


def t5_parameters(
    d_model: int,
    d_ff: int,
    heads: int,
    d_head: int,
    encoder_layers: int,
    decoder_layers: int,
    vocabulary: int,
    buckets: int,
    tied: bool,
) -> int:
    """Number of parameters of a T5 v1.1 model. Raises ValueError when a size is below 1.

    >>> t5_parameters(4, 8, 2, 2, 1, 1, 10, 3, True)
    464
    """
    ### BEGIN SOLUTION
    for name, size in list(locals().items())[:8]:
        if size < 1:
            raise ValueError(f"expected {name} of at least 1, got {size}")
    attention, feed_forward = 4 * d_model * heads * d_head, 2 * d_model * d_ff
    layers = encoder_layers * (attention + feed_forward + 2 * d_model)
    layers += decoder_layers * (2 * attention + feed_forward + 3 * d_model)
    return layers + 2 * (buckets * heads + d_model) + vocabulary * d_model * (1 if tied else 2)
    ### END SOLUTION
