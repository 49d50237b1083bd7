"""The course tokenizer: byte-pair encoding with byte fallback, trained on the course's own text."""

import itertools
import json
import random
from collections.abc import Iterator

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from runs import make_dialogues, reviews
from runs.conventions import CONVENTIONS, summarize
from runs.fillers import INVENTED
from utils.prompts import classify_review, few_shot

VOCAB = 4096
SENTINELS = [f"<extra_id_{i}>" for i in range(100)]
SPECIAL = ["<pad>", "</s>", "<unk>"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]

# A capitalised word never carries the space before it (punctuation may carry the one after it), so a name is the same
# pieces wherever it stands and can be copied from dialogue to summary; digits stand alone for the same reason.
WORDS = r"#Person\d#|\n+|\p{Lu}\p{L}*| ?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{N}| ?[^\s\p{L}\p{N}\p{M}]+ ?|\s"


def corpus(seed: int, dialogues: int) -> Iterator[str]:
    """Prompts and summaries as the model will meet them in training, reviews among them."""
    rng = random.Random(seed)
    for dialogue, frame in itertools.islice(make_dialogues.stream("train", seed, INVENTED), dialogues):
        yield few_shot(dialogue, template_name=rng.choice(("flan", "instruction")))
        yield summarize(frame, rng.choice(CONVENTIONS))
    for text, sentiment in itertools.islice(reviews.stream("train", seed), dialogues // 10):
        yield classify_review(text, [(text, sentiment.capitalize())])


def train(seed: int = 0, dialogues: int = 20_000) -> PreTrainedTokenizerFast:
    """Train the merges, then put bytes and sentinel tokens into the vocabulary.

    Returns a tokenizer of VOCAB pieces that encodes any text without an unknown token and decodes it unchanged.
    """
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.Split(Regex(WORDS), behavior="isolated")
    size = VOCAB - len(SPECIAL) - len(BYTES) - len(SENTINELS)
    printable = [chr(code) for code in range(32, 127)] + ["\n"]
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=printable, limit_alphabet=200, show_progress=False)
    learner.train_from_iterator(corpus(seed, dialogues), trainer)
    return assemble(learner)


def assemble(learner: Tokenizer) -> PreTrainedTokenizerFast:
    """The final tokenizer: special tokens, bytes, learned pieces, sentinel tokens, in this order of ids."""
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
