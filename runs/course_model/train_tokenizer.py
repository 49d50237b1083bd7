"""The course tokenizer: byte-pair encoding with byte fallback, trained on the course's own text."""

import json
import random
from collections.abc import Iterator

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from runs.course_model import batches, tasks, templates
from utils.prompts import EXAMPLE_GAP

VOCAB = 4096
SENTINELS = [f"<extra_id_{i}>" for i in range(100)]
SPECIAL = ["<pad>", "</s>", "<unk>"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]

# A capitalised word never carries the space before it (punctuation may carry the one after it), so a name is the same
# pieces wherever it stands and can be copied from dialogue to summary; digits stand alone for the same reason.
WORDS = r"#Person\d#|\n+|\p{Lu}\p{L}*| ?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{N}| ?[^\s\p{L}\p{N}\p{M}]+ ?|\s"


def corpus(seed: int, prompts: int) -> Iterator[str]:
    """Prompts of one example and their completions, task by task as training mixes them."""
    rng, stream = random.Random(seed), tasks.sources("train", seed, batches.Phase.negated_share)
    for _ in range(prompts):
        task = rng.choices(templates.TASKS, [batches.MIXTURE[task] for task in templates.TASKS])[0]
        yield from tasks.prompt(rng.choice(templates.TEMPLATES[task]), tasks.DRAW[task](stream, 1), EXAMPLE_GAP)


def train(seed: int = 0, prompts: int = 20_000) -> PreTrainedTokenizerFast:
    """The tokenizer of this many prompts and their completions; see `train_on`."""
    return train_on(corpus(seed, prompts))


def train_on(texts: Iterator[str]) -> PreTrainedTokenizerFast:
    """Train the merges, then put bytes and sentinel tokens into the vocabulary.

    Returns a tokenizer of VOCAB pieces that encodes any text without an unknown token and decodes it unchanged.
    """
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.Split(Regex(WORDS), behavior="isolated")
    size = VOCAB - len(SPECIAL) - len(BYTES) - len(SENTINELS)
    printable = [chr(code) for code in range(32, 127)] + ["\n"]
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=printable, limit_alphabet=200, show_progress=False)
    learner.train_from_iterator(texts, trainer)
    return assemble(learner)


def assemble(learner: Tokenizer) -> PreTrainedTokenizerFast:
    """The final tokenizer: special tokens, bytes, learned pieces, sentinel tokens, in this order of ids."""
    # The trainer keeps no place for bytes and sentinels, so its pieces are put into a vocabulary made here.
    learned = json.loads(learner.to_str())["model"]
    pieces = sorted(learned["vocab"], key=learned["vocab"].get)
    vocab = {piece: i for i, piece in enumerate(SPECIAL + BYTES + pieces + SENTINELS)}
    merges = [tuple(merge) for merge in learned["merges"]]
    tokenizer = Tokenizer(models.BPE(vocab, merges, byte_fallback=True, fuse_unk=False))
    tokenizer.pre_tokenizer = learner.pre_tokenizer
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens(SPECIAL + SENTINELS)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", vocab["</s>"])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        extra_special_tokens=SENTINELS,
        clean_up_tokenization_spaces=False,
    )
