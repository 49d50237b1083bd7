"""The knowledge base is what its recipe makes, each question has one answer in it, and BM25 finds shared words."""

from collections import Counter

import pytest

from runs.shop import make_knowledge
from utils import bundled
from utils.data import knowledge_base
from utils.errors import CourseError


def test_the_files_are_what_the_recipe_makes():
    articles, questions = make_knowledge.base(make_knowledge.SEED)
    assert [knowledge_base.Article(**row) for row in articles] == knowledge_base.articles()
    assert [knowledge_base.Question(**row) for row in questions] == knowledge_base.questions()
    card = (bundled.FOLDER / "shop" / "KNOWLEDGE.md").read_text(encoding="utf-8")
    assert card == make_knowledge.card(articles, questions, make_knowledge.SEED)


def test_another_seed_makes_other_particulars():
    (ours, _), (others, _) = make_knowledge.base(make_knowledge.SEED), make_knowledge.base(1)
    assert [row["id"] for row in ours] == [row["id"] for row in others]
    assert sum(a["text"] == b["text"] for a, b in zip(ours, others, strict=True)) < 6


def test_40_to_80_articles_that_differ():
    articles = knowledge_base.articles()
    assert 40 <= len(articles) <= 80
    for field in ("id", "title", "text"):
        assert len({getattr(article, field) for article in articles}) == len(articles)


def test_each_question_is_asked_once_and_its_answer_stands_in_its_article():
    texts = {article.id: article.text for article in knowledge_base.articles()}
    questions = knowledge_base.questions()
    assert len({question.question for question in questions}) == len(questions)
    for question in questions:
        assert question.answer in texts[question.article]
        assert question.answer not in question.question
    assert Counter(question.wording for question in questions) == {"plain": 120, "other": 60}
    assert {question.asks for question in questions} == set(knowledge_base.ASKED)


def test_answers_cannot_be_guessed_by_always_saying_the_commonest():
    for asks in knowledge_base.ASKED:
        answers = [question.answer for question in knowledge_base.questions() if question.asks == asks]
        assert Counter(answers).most_common(1)[0][1] / len(answers) < 0.2


def test_plain_questions_are_found_and_others_mostly_not():
    articles, questions = knowledge_base.articles(), knowledge_base.questions()
    find = knowledge_base.retriever([f"{article.title}. {article.text}" for article in articles])
    found = find([question.question for question in questions])
    hits = [articles[best[0]].id == question.article for best, question in zip(found, questions, strict=True)]
    share = {wording: [] for wording in ("plain", "other")}
    for hit, question in zip(hits, questions, strict=True):
        share[question.wording].append(hit)
    assert sum(share["plain"]) / len(share["plain"]) > 0.95
    assert 1 / len(articles) < sum(share["other"]) / len(share["other"]) < 0.6


def test_the_text_with_the_rarer_shared_word_comes_first():
    find = knowledge_base.retriever(["red kite", "red ball", "red blue lamp"])
    assert find(["a red lamp"], 3)[0][0] == 2
    assert find(["lamp", "ball"]) == [[2], [1]]


@pytest.mark.parametrize(
    ("texts", "k", "words"),
    [
        ([], 1, "A list of texts"),
        ("text", 1, "A list of texts"),
        (["the", ""], 1, "texts with words"),
        (["kite"], 0, "k must be a whole"),
    ],
)
def test_what_cannot_be_found_is_refused(texts, k, words):
    with pytest.raises(CourseError, match=words):
        knowledge_base.retriever(texts)(["a"], k)


@pytest.mark.parametrize("question", ["violin", "", "the"])
def test_a_question_without_a_shared_word_finds_nothing(question):
    find = knowledge_base.retriever(["red kite", "blue ball"])
    assert find([question, "a kite"], 2) == [[], [0]]


def test_more_than_there_is_cannot_be_asked_for():
    with pytest.raises(CourseError, match="k must be at most 1, the number of texts, but 2 came"):
        knowledge_base.retriever(["kite"])(["kite"], 2)


def test_the_prompt_differs_by_the_passage_alone():
    question = knowledge_base.questions()[0]
    without, passage = knowledge_base.prompt(question), "It costs 3 dollars."
    assert knowledge_base.prompt(question, passage).replace(f"{passage}\n", "") == without
    assert question.answer not in without
