"""A shop's knowledge base: articles with invented particulars, questions about them, passages to learn reading from.

`find` looks articles up by BM25, which scores the words that a question and an article share.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from utils import runtime
from utils.runtime import CourseError, at_least

ARTICLES, QUESTIONS, READING = "knowledge.jsonl", "questions.jsonl", "reading.jsonl"


@dataclass(frozen=True)
class Article:
    """Two or three particulars of one department."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Question:
    """A question, its answer, and the id of the article in which the answer stands."""

    question: str
    answer: str
    article: str


@dataclass(frozen=True)
class Passage:
    """A passage of another shop with a question and its answer."""

    text: str
    question: str
    answer: str


def folder() -> Path:
    """Where the files lie."""
    return runtime.assets_dir() / "shop"


def articles() -> list[Article]:
    """The knowledge base."""
    return [Article(**row) for row in _rows(ARTICLES)]


def questions() -> list[Question]:
    """Every question that the knowledge base answers."""
    return [Question(**row) for row in _rows(QUESTIONS)]


def reading() -> list[Passage]:
    """Passages to learn reading from; no department, name, price or wording of theirs is in the knowledge base."""
    return [Passage(**row) for row in _rows(READING)]


def prompt(question: str, passage: str = "") -> str:
    """A question as the course model was trained to see it, with the passage before it when there is one.

    >>> prompt("Who?", "Ana.")
    'Text: Ana.\\nQuestion: Who?\\nAnswer:\\n'
    """
    return (f"Text: {passage}\n" if passage else "") + f"Question: {question}\nAnswer:\n"


def finder(texts: Sequence[str], stems: bool = True) -> Callable[[Sequence[str], int], list[list[int]]]:
    """A function of (questions, k): for each question the numbers of the k best texts, best first.

    stems: whether "opens" counts as "open" (Porter). Raises CourseError for no texts, and the function for a k that
    they do not hold.
    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009); computed by the bm25s library.
    """
    import bm25s

    if not texts:
        raise CourseError("Texts to look up were expected, but none came: pass the articles.")
    index = bm25s.BM25()
    index.index(_tokens(texts, stems), show_progress=False)

    def find(questions: Sequence[str], k: int = 1) -> list[list[int]]:
        at_least(1, k=k)
        if k > len(texts):
            raise CourseError(f"k must be at most the number of texts, {len(texts)}, but {k} came: lower it.")
        numbers, _ = index.retrieve(_tokens(questions, stems), k=k, show_progress=False)
        return [[int(number) for number in row] for row in numbers]

    return find


def _tokens(texts: Sequence[str], stems: bool):
    import bm25s
    from nltk.stem.porter import PorterStemmer

    stem = PorterStemmer().stem
    stemmer = (lambda words: [stem(word) for word in words]) if stems else None
    return bm25s.tokenize(list(texts), stopwords="en", stemmer=stemmer, show_progress=False)


def _rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder() / name).read_text(encoding="utf-8").splitlines()]
