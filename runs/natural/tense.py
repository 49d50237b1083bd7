"""The present tense of a summary's verbs, and their past, by lemminflect's tables."""

from functools import cache

import lemminflect

# What stands for the past of verbs that have none, and words that are more than one token.
PAST = {
    "will": "would", "can": "could", "cannot": "could not", "may": "might", "must": "had to", "shall": "should",
    "might": "might", "could": "could", "would": "would", "should": "should",
    "do": "did", "does": "did", "is": "was", "are": "were", "am": "was", "has": "had", "have": "had",
    "need": "needed", "dare": "dared", "ought": "ought", "won't": "would not", "can't": "could not",
    "doesn't": "did not", "don't": "did not", "isn't": "was not", "aren't": "were not", "hasn't": "had not",
    "haven't": "had not",
    # Where the tables give an older or a rarer form first.
    "lends": "lent", "lend": "lent", "hangs": "hung", "hang": "hung", "lies": "lay", "lie": "lay", "pleads": "pleaded",
    "plead": "pleaded", "quits": "quit", "fits": "fitted", "fit": "fitted", "sits": "sat", "sit": "sat",
}  # fmt: skip


@cache
def _lemma(verb: str) -> str:
    # Of the dictionary alone: its rules for words that it lacks would take "hard" for a verb.
    found = lemminflect.getAllLemmas(verb, upos="VERB").get("VERB", ())
    return found[0] if found else ""


@cache
def is_present(verb: str) -> bool:
    """Whether this is a form that `past` can change: "asks", "ask", "will"."""
    if verb in PAST:
        return True
    lemma = _lemma(verb)
    return bool(lemma) and verb in (lemma, *lemminflect.getInflection(lemma, tag="VBZ"))


@cache
def past(verb: str) -> str:
    """The past tense of a verb in the present.

    >>> past("asks"), past("cannot"), past("puts off".split()[0])
    ('asked', 'could not', 'put')
    """
    if verb in PAST:
        return PAST[verb]
    return lemminflect.getInflection(_lemma(verb), tag="VBD")[0]
