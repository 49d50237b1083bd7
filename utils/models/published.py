"""Published shapes of named models, each with its source and the reason why its count is not the published figure."""

from utils.models.specs import Family, ModelSpec, decoder

ORIGINAL = Family("", outer_norms=0)
BERT = Family("bert")
ROBERTA = Family("roberta")
BART = Family("bart", outer_norms=2)
T5 = Family("t5", biases=False, norm_vectors=1, outer_norms=2)
T5_V11 = Family("t5", gated=True, biases=False, norm_vectors=1, outer_norms=2)
OPT = Family("opt")
BLOOM = Family("bloom", outer_norms=2)
LLAMA = Family("llama", gated=True, biases=False, norm_vectors=1)
QWEN3 = Family("qwen3", gated=True, biases=False, norm_vectors=1, head_norms=2)
GOPHER = Family("", biases=False, norm_vectors=0, outer_norms=0, position_matrices=1)

ROUNDED = "the published figure is rounded"
POOLER = "one dense layer, the pooler, stands behind the encoder; the published figure is rounded"
LM_HEAD = "a dense layer, a norm and V biases stand before the output; the published figure is rounded"
RELATIVE = (
    "each layer has one more D × D matrix for relative positions: without it the count is 8 % short; "
    "norms and biases, under 0.01 %, are left out"
)


def _encoder(name, family, layers, d, heads, vocabulary, source, **more) -> ModelSpec:
    """An encoder-only model with heads of d / heads entries and a feed-forward network of width 4·d."""
    return ModelSpec(name, family, d, 4 * d, heads, d // heads, layers, 0, vocabulary, 512, source, **more)


def _decoder(name, family, layers, d, heads, vocabulary, source, window=2048, d_ff=0, **more) -> ModelSpec:
    """A decoder-only model, likewise; d_ff where it is not 4·d."""
    return ModelSpec(name, family, d, d_ff or 4 * d, heads, d // heads, 0, layers, vocabulary, window, source, **more)


def _gpt(name, layers, d, heads, vocabulary, source, window=2048, **more) -> ModelSpec:
    """A decoder of the GPT family."""
    return decoder(d, heads, layers, vocabulary, window, name, source=source, **more)


def _bart(name, layers, d, heads, **more) -> ModelSpec:
    source = "Lewis et al. 2020, section 4; two of the 1,026 position rows are never used"
    return ModelSpec(
        name, BART, d, 4 * d, heads, 64, layers, layers, 50_265, 1024, source, position_rows=1026, gap=ROUNDED, **more
    )


def _t5(name, family, layers, d, d_ff, heads, d_head, source, **more) -> ModelSpec:
    return ModelSpec(
        name, family, d, d_ff, heads, d_head, layers, layers, 32_128, 512, source, position_buckets=32, **more
    )


def _bert_extra(d: int) -> int:
    """Two segment vectors, the pooler's matrix and bias."""
    return 2 * d + d * d + d


def _roberta_extra(d: int) -> int:
    """One segment vector; before the output a dense layer, a norm and V biases."""
    return d + d * d + d + 2 * d + 50_265


DEVLIN = "Devlin et al. 2019, section 3; vocabulary of the uncased checkpoints"
LIU = "Liu et al. 2019; sizes as in Brown et al. 2020, table D.1"
RAFFEL = "Raffel et al. 2020, section 3.7; vocabulary padded to 32,128 as in its code"
RADFORD = "Radford et al. 2019, table 2; counts from the model card"
HOFFMANN = "Hoffmann et al. 2022, table 4"

SPECS = (
    ModelSpec(
        "Transformer-base", ORIGINAL, 512, 2048, 8, 64, 6, 6, 37_000, 512, "Vaswani et al. 2017, table 3",
        published=65e6, gap="the paper gives its vocabulary only as about 37,000; positions cost nothing",
    ),
    _encoder("BERT-base", BERT, 12, 768, 12, 30_522, DEVLIN, position_rows=512, extra=_bert_extra(768),
             published=110e6, gap=POOLER),
    _encoder("BERT-large", BERT, 24, 1024, 16, 30_522, DEVLIN, position_rows=512, extra=_bert_extra(1024),
             published=340e6, gap=POOLER),
    _encoder("RoBERTa-base", ROBERTA, 12, 768, 12, 50_265, LIU, position_rows=514, extra=_roberta_extra(768),
             published=125e6, gap=LM_HEAD),
    _encoder("RoBERTa-large", ROBERTA, 24, 1024, 16, 50_265, LIU, position_rows=514, extra=_roberta_extra(1024),
             published=355e6, gap=LM_HEAD),
    _bart("BART-base", 6, 768, 12, published=139e6),
    _bart("BART-large", 12, 1024, 16, published=406e6),
    _t5("T5-small", T5, 6, 512, 2048, 8, 64, RAFFEL, published=60e6, gap=ROUNDED),
    _t5("T5-base", T5, 12, 768, 3072, 12, 64, RAFFEL, published=220e6, gap=ROUNDED),
    _t5("T5-11B", T5, 24, 1024, 65_536, 128, 128, RAFFEL, published=11e9, gap="rounded to whole billions"),
    _t5(
        "FLAN-T5-base", T5_V11, 12, 768, 2048, 12, 64,
        "config.json and safetensors header of google/flan-t5-base; Chung et al. 2022, table 1",
        tied=False, published=250e6, gap="the published figure is rounded; V·D of it is the separate output table",
    ),
    _gpt("GPT-2", 12, 768, 12, 50_257, RADFORD, 1024, published=124e6, gap="rounded; the paper itself said 117M"),
    _gpt("GPT-2-XL", 48, 1600, 25, 50_257, RADFORD, 1024, published=1.5e9, gap="the model card cuts 1,558M to 1.5B"),
    _gpt("GPT-3", 96, 12_288, 96, 50_257, "Brown et al. 2020, tables 2.1 and D.1", published=174.6e9,
         gap="table 2.1 rounds it to 175.0B, table D.1 gives 174,600M"),
    _decoder("OPT-175B", OPT, 96, 12_288, 96, 50_272, "Zhang et al. 2022, table 1; code of metaseq",
             position_rows=2050, published=175e9, gap="GPT-3's shape, named after GPT-3's rounded figure"),
    _decoder("BLOOM", BLOOM, 70, 14_336, 112, 250_880, "BigScience Workshop 2022, table 3; its model card",
             published=176_247_271_424, gap="none; positions are biases by distance (ALiBi), which cost nothing"),
    _decoder("LLaMA-65B", LLAMA, 80, 8192, 64, 32_000, "Touvron et al. 2023, table 2; width from its code",
             d_ff=22_016, tied=False, published=65.2e9, gap=ROUNDED),
    _decoder("Llama-3.1-8B", LLAMA, 32, 4096, 32, 128_256, "Grattafiori et al. 2024, section 3.2; its config.json",
             131_072, d_ff=14_336, tied=False, kv_heads=8, published=8e9, gap="rounded to whole billions"),
    ModelSpec("Qwen3-0.6B", QWEN3, 1024, 3072, 16, 128, 0, 28, 151_936, 32_768,
              "Yang et al. 2025; model card and config.json of Qwen/Qwen3-0.6B", kv_heads=8, published=0.6e9,
              gap=ROUNDED),
    _decoder("Chinchilla", GOPHER, 80, 8192, 64, 32_000, HOFFMANN, published=70e9, gap=RELATIVE),
    _decoder("Gopher", GOPHER, 80, 16_384, 128, 32_000, HOFFMANN, published=280e9, gap=RELATIVE),
    _gpt("MT-NLG-530B", 105, 20_480, 128, 50_257, "Smith et al. 2022, section 3.2; vocabulary of GPT-2",
         published=530e9, gap=ROUNDED),
    _gpt("Jurassic-1", 76, 13_824, 96, 256_000, "Lieber et al. 2021; width and heads as reported there",
         published=178e9, gap="rounded, and the vocabulary is given only as 256K"),
    _decoder("BloombergGPT", BLOOM, 70, 7680, 40, 131_072, "Wu et al. 2023, table 4", published=50.6e9, gap=ROUNDED),
)  # fmt: skip

MODELS = {spec.name: spec for spec in SPECS}
