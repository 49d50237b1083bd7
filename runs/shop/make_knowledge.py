"""Write the shop's knowledge base, its questions and their card: `python -m runs.shop.make_knowledge`.

Every article tells a price and a time of one department, drawn at random, so that no model can know them. Two of three
questions use the article's words, the third says the same in others.
"""

import argparse
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from runs import manifest
from runs.cards import write_jsonl
from runs.dialogues.fillers import BY_SPLIT, DAYS
from runs.shop.topics import DEPARTMENTS
from utils import bundled
from utils.data import knowledge_base
from utils.data.knowledge_base import PRICE, TIME

SEED = 20261122
DAY_ALONE = 0.5
CARD = """---
license: cc0-1.0
language: en
task_categories: [question-answering, text-retrieval]
pretty_name: A shop's knowledge base
---

# A shop's knowledge base

{articles} short articles about {subjects} services of the {departments} departments of a made-up shop,
and {questions} questions about them. Each article tells a price and a time drawn at random: a model that gives
them without the article has guessed. Written for lab 04, to measure what looking an article up adds.

- `{articles_file}`, {articles} rows: `id`, `title`, `text`.
- `{questions_file}`, {questions} rows: `question`; `asks`, price or time; `answer`; `article`, the id of the one that
  answers; `wording`.

Of the questions {plain} use the words of their article (`wording` is plain), and {other} say the same in others, such
as "{example}" {prices} ask for a price.

## Limits

Every article has one form, and an answer always stands in it word for word. The customers write without mistakes. The
shop and its prices are invented.

## Licence

CC0 1.0. The program is `python -m runs.shop.make_knowledge` (MIT); seed {seed} gives the files again.
"""


@dataclass(frozen=True)
class Subject:
    """A service of the shop. told: the article's text. price, time: questions in its words.

    other: a question in other words, and what it asks for.
    """

    name: str
    told: str
    price: str
    time: str
    other: tuple[str, str]


SUBJECTS = (
    Subject(
        "Delivery",
        "Delivery of {d} goods costs {price}. The van leaves {time}.",
        "How much does the delivery of {d} goods cost?",
        "When does the van with {d} goods leave?",
        ("What do you charge to ship {d}?", PRICE),
    ),
    Subject(
        "Repairs",
        "A repair of {d} goods costs {price}. The workshop opens {time}.",
        "What does a repair of {d} goods cost?",
        "When does the {d} workshop open?",
        ("How much would it be to fix something from {d}?", PRICE),
    ),
    Subject(
        "Exchange",
        "Exchanging {d} goods costs {price}. The exchange counter closes {time}.",
        "How much is it to exchange {d} goods?",
        "When does the exchange counter for {d} close?",
        ("Until when may I swap what I bought in {d}?", TIME),
    ),
    Subject(
        "Gift wrapping",
        "Gifts from the {d} department are wrapped for {price}. The desk opens {time}.",
        "What is the price of wrapping gifts from the {d} department?",
        "When does the desk that wraps {d} gifts open?",
        ("How much is nice paper around a present from {d}?", PRICE),
    ),
    Subject(
        "Vouchers",
        "A {d} voucher costs {price}. Its sale starts {time}.",
        "How much is a {d} voucher?",
        "When does the sale of {d} vouchers start?",
        ("What is the price of a gift card for {d}?", PRICE),
    ),
    Subject(
        "Insurance",
        "Insurance for {d} goods costs {price}. It begins {time}.",
        "What does insurance for {d} goods cost?",
        "When does insurance for {d} goods begin?",
        ("From when am I covered if someone steals my {d}?", TIME),
    ),
    Subject(
        "Setting up",
        "Setting up {d} goods at home costs {price}. The fitter comes {time}.",
        "How much is setting up {d} goods at home?",
        "When does the fitter for {d} goods come?",
        ("When will somebody put my {d} together?", TIME),
    ),
    Subject(
        "Renting",
        "Renting {d} goods costs {price}. Rented goods are due back {time}.",
        "What does renting {d} goods cost?",
        "When are rented {d} goods due back?",
        ("How much is it to borrow from {d}?", PRICE),
    ),
    Subject(
        "Courses",
        "A course on {d} costs {price}. It takes place {time}.",
        "How much is a course on {d}?",
        "When does the course on {d} take place?",
        ("When is your next lesson about {d}?", TIME),
    ),
    Subject(
        "Storage",
        "Storing {d} goods costs {price}. The store room closes {time}.",
        "What does storing {d} goods cost?",
        "When does the store room for {d} goods close?",
        ("What do I pay if you keep my {d} for a while?", PRICE),
    ),
)


def base(seed: int) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The articles, and three questions about each."""
    rng, fillers = random.Random(f"knowledge {seed}"), BY_SPLIT["test"]
    articles, questions = [], []
    for subject in SUBJECTS:
        for department in DEPARTMENTS:
            clock = "" if rng.random() < DAY_ALONE else f" at {rng.choice(fillers.times)}"
            answers = {PRICE: f"{rng.choice(fillers.prices)} dollars", TIME: f"on {rng.choice(DAYS)}{clock}"}
            blanks = answers | {"d": department.name}
            number = f"{subject.name.lower().replace(' ', '_')}_{department.name}"
            title = f"{subject.name}, {department.name} department"
            articles.append({"id": number, "title": title, "text": subject.told.format(**blanks)})
            asked = [(subject.price, PRICE, "plain"), (subject.time, TIME, "plain"), (*subject.other, "other")]
            for form, asks, wording in asked:
                row = {"question": form.format(**blanks), "asks": asks, "answer": answers[asks]}
                questions.append(row | {"article": number, "wording": wording})
    return articles, questions


def card(articles: list[dict[str, str]], questions: list[dict[str, str]], seed: int) -> str:
    """What the files hold, in numbers counted from them."""
    wordings = Counter(row["wording"] for row in questions)
    return CARD.format(
        articles=len(articles),
        questions=len(questions),
        subjects=len(SUBJECTS),
        departments=len(DEPARTMENTS),
        articles_file=knowledge_base.ARTICLES,
        questions_file=knowledge_base.QUESTIONS,
        plain=wordings["plain"],
        other=wordings["other"],
        prices=sum(row["asks"] == PRICE for row in questions),
        example=next(row["question"] for row in questions if row["wording"] == "other"),
        seed=seed,
    )


def main() -> None:
    """Write the articles, the questions and the card."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=bundled.FOLDER / "shop")
    options = parser.parse_args()
    articles, questions = base(options.seed)
    files = {knowledge_base.ARTICLES: articles, knowledge_base.QUESTIONS: questions}
    written = [write_jsonl(options.out / name, rows) for name, rows in files.items()]
    (options.out / "KNOWLEDGE.md").write_text(card(articles, questions, options.seed), encoding="utf-8")
    manifest.record(written, "runs.shop.make_knowledge")


if __name__ == "__main__":
    main()
