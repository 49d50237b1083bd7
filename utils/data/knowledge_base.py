"""A shop's knowledge base: articles with invented particulars, questions about them, and a retriever by BM25.

BM25 scores the words that a question and a text share: rare words count more, and long texts less.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from utils import bundled
from utils.errors import CourseError, at_least

ARTICLES, QUESTIONS = "knowledge.jsonl", "questions.jsonl"
PRICE, TIME = "price", "time"
# The course model learned questions in fixed words about dialogues: it answers these two, not the customer's own.
ASKED = {PRICE: "How much will it cost?", TIME: "When should it be?"}


@dataclass(frozen=True)
class Article:
    """A price and a time of one department."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Question:
    """What a customer asks.

    asks: "price" or "time". article: the id of the one in which the answer stands. wording: "plain" in the article's
    words, "other" in others.
    """

    question: str
    asks: str
    answer: str
    article: str
    wording: str


def articles() -> list[Article]:
    """The knowledge base."""
    return [Article(**row) for row in _rows(ARTICLES)]


def questions() -> list[Question]:
    """Three questions for each article."""
    return [Question(**row) for row in _rows(QUESTIONS)]


def prompt(question: Question, passage: str = "") -> str:
    """The customer's message with the passage before it, if there is one, and what is asked of it.

    >>> prompt(Question("How much is it?", "price", "", "", ""), "It costs 3 dollars.")
    'Text: It costs 3 dollars.\\n#Person1#: How much is it?\\nQuestion: How much will it cost?\\nAnswer:\\n'
    """
    known = f"{passage}\n" if passage else ""
    return f"Text: {known}#Person1#: {question.question}\nQuestion: {ASKED[question.asks]}\nAnswer:\n"


def retriever(texts: Sequence[str]) -> Callable[..., list[list[int]]]:
    """A function of (questions, k=1): for each question the numbers of the k best texts, best first.

    A text that shares no word with the question is not found, so there may be fewer than k.
    Raises CourseError for texts without words, and the function for a k that they do not hold.
    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009); computed by the bm25s library.
    """
    import bm25s

    words = [] if isinstance(texts, str) else _words(texts)
    if not texts or not words or not words.vocab:
        raise CourseError(f"A list of texts with words was expected, but {texts!r} came: pass the articles' texts.")
    index = bm25s.BM25()
    index.index(words, show_progress=False)

    def find(questions: Sequence[str], k: int = 1) -> list[list[int]]:
        at_least(1, k=k)
        if k > len(texts):
            raise CourseError(f"k must be at most {len(texts)}, the number of texts, but {k} came: lower it.")
        numbers, scores = index.retrieve(_words(questions), k=k, show_progress=False)
        pairs = zip(numbers.tolist(), scores.tolist(), strict=True)
        return [[n for n, score in zip(*row, strict=True) if score > 0] for row in pairs]

    return find


def _words(texts: Sequence[str]):
    import bm25s

    # The library's progress bars would stand between a notebook's outputs.
    return bm25s.tokenize(list(texts), stopwords="en", show_progress=False)


def _rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in bundled.path(f"shop/{name}").read_text(encoding="utf-8").splitlines()]
