"""Write the shop's knowledge base and its questions: `python -m runs.make_knowledge`.

Every article tells two or three particulars of one department, drawn at random, so that no model can know them. A
second set of passages, of another shop with other departments, wordings, names and prices, is there to learn reading
from.
"""

import argparse
import random
from dataclasses import dataclass
from pathlib import Path

from runs.fillers import BY_SPLIT, DAYS, Fillers, invented_word
from runs.make_dialogues import write_jsonl
from runs.shop_topics import DEPARTMENTS
from utils import knowledge as files

SEED = 20261122
OTHERS = (
    "books", "garden", "music", "pets", "bathroom", "lighting", "stationery", "jewellery",
    "tools", "bakery", "travel", "baby", "camera", "shoes", "curtains", "wine",
    "fishing", "sewing", "art", "bedding", "phone", "cycling", "health", "paint",
)  # fmt: skip
ROUNDS = 12


@dataclass(frozen=True)
class Subject:
    """What an article can be about.

    told: wordings; the first is the knowledge base's own, the others are for learning. asked: pairs of a question and
    the blank that answers it; a question has one wording for each column, the first again being the knowledge base's.
    """

    name: str
    told: tuple[str, ...]
    asked: tuple[tuple[tuple[str, ...], str], ...]


SUBJECTS = (
    Subject(
        "Opening hours",
        (
            "The {d} department opens {at} and closes {till}. It stays closed {on}.",
            "In {d} our doors open {at}, and we lock them {till}. Nobody works there {on}.",
            "The hall for {d} is shut {on}. On other days it opens {at} and closes {till}.",
        ),
        (
            (("When does the {d} department open?", "When do the doors of {d} open?"), "at"),
            (("When does the {d} department close?", "When is {d} locked?"), "till"),
            (("On which day is the {d} department closed?", "When is the hall for {d} shut?"), "on"),
        ),
    ),
    Subject(
        "Returns",
        (
            "Goods from the {d} department can be returned within {days}. {name} takes them back {place}.",
            "You have {days} to bring {d} back. Give the box to {name} {place}.",
            "{name} accepts {d} that nobody wants {place}. This must happen within {days}.",
        ),
        (
            (("How long can goods from the {d} department be returned?", "How long may I bring {d} back?"), "days"),
            (("Who takes back what was bought in the {d} department?", "Who accepts {d} that I do not want?"), "name"),
            (("Where do I bring back something from {d}?", "Where should unwanted {d} go?"), "place"),
        ),
    ),
    Subject(
        "Delivery",
        (
            "Delivery of {d} goods costs {price}. The van leaves {place} {on}.",
            "We bring {d} to your door for {price}. Our driver starts {on} {place}.",
            "Sending {d} is {price}. Parcels go out {on}, and the lorry stands {place}.",
        ),
        (
            (("How much is the delivery of {d} goods?", "What does sending {d} cost?"), "price"),
            (("On which day does the van with {d} goods leave?", "When do parcels with {d} go out?"), "on"),
            (("What does it cost to ship {d}?", "How much to bring {d} to my door?"), "price"),
        ),
    ),
    Subject(
        "Warranty",
        (
            "The warranty on {d} goods lasts {months}. Claims go to {name} {place}.",
            "We answer for {d} during {months}. Write to {name} {place}.",
            "If {d} should fail within {months}, {name} will help you {place}.",
        ),
        (
            (("How long does the warranty on {d} goods last?", "How long do you answer for {d}?"), "months"),
            (("Who handles warranty claims for {d}?", "Who will help me if {d} should fail?"), "name"),
            (("Where do claims for {d} goods go?", "Where do I write about {d} that failed?"), "place"),
        ),
    ),
    Subject(
        "Repairs",
        (
            "A repair of {d} goods costs {price} and takes {days}. The workshop is {place}.",
            "Our workshop {place} mends {d} in {days}. It charges {price}.",
            "Mending {d} is done {place}. Bring {price} and wait {days}.",
        ),
        (
            (("What does a repair of {d} goods cost?", "What is charged for mending {d}?"), "price"),
            (("How long does a repair of {d} goods take?", "How long must I wait for mended {d}?"), "days"),
            (("Who can fix my {d}, and where?", "Where is {d} mended?"), "place"),
        ),
    ),
    Subject(
        "Exchange",
        (
            "Exchanging {d} goods costs {price}. {name} does it {on} {at}.",
            "Swap {d} with {name} {on} {at}. The fee is {price}.",
            "For {price} you may swap {d}. Ask for {name} {at} {on}.",
        ),
        (
            (("Who exchanges {d} goods?", "With whom can I swap {d}?"), "name"),
            (("What does exchanging {d} goods cost?", "What is the fee to swap {d}?"), "price"),
            (("On which day can I swap something from {d}?", "On which day is {d} swapped?"), "on"),
        ),
    ),
    Subject(
        "Gifts",
        (
            "{name} wraps gifts from the {d} department for {price}. Order it {on}.",
            "Paper and a ribbon around {d} are {price}. {name} does it {on}.",
            "Ask {name} for a gift box with {d}. Boxes are {price}, only {on}.",
        ),
        (
            (("Who wraps gifts from the {d} department?", "Who puts a ribbon around {d}?"), "name"),
            (("How much is it to wrap gifts from the {d} department?", "How much is a gift box with {d}?"), "price"),
            (("What does a present from {d} in nice paper cost?", "How much is paper around {d}?"), "price"),
        ),
    ),
    Subject(
        "Manager",
        (
            "{name} manages the {d} department. The office is {place} and opens {at}.",
            "The head of {d} is {name}. Knock {at}, {place}.",
            "In charge of {d} is {name}. Complaints are heard {at}, and the desk stands {place}.",
        ),
        (
            (("Who manages the {d} department?", "Who is the head of {d}?"), "name"),
            (("Where is the office of the {d} department?", "Where does the desk of {d} stand?"), "place"),
            (("Who is the boss of {d}?", "Who is in charge of {d}?"), "name"),
        ),
    ),
)


def particulars(rng: random.Random, fillers: Fillers, invented: float) -> dict[str, str]:
    """What fills the blanks of one article; a share of the names is made-up words."""
    at, till = rng.sample(fillers.times, 2)
    return {
        "at": f"at {at}",
        "till": f"at {till}",
        "on": f"on {rng.choice(DAYS)}",
        "name": _word(rng, fillers.names, invented),
        "place": f"on {_word(rng, fillers.streets, invented)} Street",
        "price": f"{rng.choice(fillers.prices)} dollars",
        "days": f"{rng.randint(3, 99)} days",
        "months": f"{rng.randint(3, 99)} months",
    }


def _word(rng: random.Random, words: tuple[str, ...], invented: float) -> str:
    return invented_word(rng) if rng.random() < invented else rng.choice(words)


def article(
    rng: random.Random, subject: Subject, department: str, fillers: Fillers, wording: int, invented: float = 0.0
) -> tuple[dict, list]:
    """One article and its (question, answer) pairs, each as it is worded in the column that `wording` belongs to."""
    blanks = particulars(rng, fillers, invented) | {"d": department}
    text = subject.told[wording].format(**blanks)
    asked = [(forms[min(wording, 1)].format(**blanks), blanks[key]) for forms, key in subject.asked]
    named = f"{subject.name.lower().replace(' ', '_')}_{department.replace(' ', '_')}"
    return {"id": named, "title": f"{subject.name}, {department}", "text": text}, asked


def base(seed: int) -> tuple[list[dict], list[dict]]:
    """The knowledge base, and every question with its answer and the article that gives it."""
    rng, articles, questions = random.Random(f"knowledge {seed}"), [], []
    for subject in SUBJECTS:
        for department in DEPARTMENTS:
            row, asked = article(rng, subject, department.name, BY_SPLIT["test"], 0)
            articles.append(row)
            questions += [{"question": q, "answer": a, "article": row["id"]} for q, a in asked]
    return articles, questions


def reading(seed: int) -> list[dict]:
    """Passages of another shop, each with a question and its answer."""
    rng, rows = random.Random(f"reading {seed}"), []
    for _ in range(ROUNDS):
        for department in OTHERS:
            for subject in rng.sample(SUBJECTS, 4):
                row, asked = article(rng, subject, department, BY_SPLIT["train"], rng.randint(1, 2), 0.7)
                question, answer = rng.choice([pair for pair in asked if pair[1] in row["text"]])
                rows.append({"text": row["text"], "question": question, "answer": answer})
    rng.shuffle(rows)
    return rows


def main() -> None:
    """Write the articles, the questions and the passages to learn from."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=files.folder())
    arguments = parser.parse_args()
    articles, questions = base(arguments.seed)
    write_jsonl(arguments.out / files.ARTICLES, articles)
    write_jsonl(arguments.out / files.QUESTIONS, questions)
    write_jsonl(arguments.out / files.READING, reading(arguments.seed))


if __name__ == "__main__":
    main()
