"""The bundled model: tokenizer, training, evaluation, card, ablations."""
