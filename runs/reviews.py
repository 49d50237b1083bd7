"""Short reviews with a sentiment; each split has its own things, and test also has its own words of praise and blame."""

import random
from collections.abc import Iterator

ROWS = {"train": 400, "validation": 60, "test": 200}

THINGS = {
    "train": "book hotel phone coat meal song show game lamp tent bike soup watch trip desk tool cake concert jacket "
    "radio garden boat course printer guitar camera mattress kettle carpet museum".split(),
    "validation": "bag play pen sofa tour".split(),
    "test": "movie chair album novel blanket restaurant laptop ticket".split(),
}
PRAISE = {
    "train": (
        "I love this {thing}.", "I loved every minute with this {thing}!", "What a great {thing}!", "This {thing} is wonderful.",
        "I would buy this {thing} again.", "The {thing} works perfectly.", "I am very happy with the {thing}.",
        "I like this {thing} a lot.", "Not a bad {thing} at all.", "The {thing} was better than I had hoped.",
        "Nothing to complain about, a fine {thing}.", "The best {thing} I ever had.", "I really enjoyed the {thing}!",
        "I was not disappointed by this {thing}.", "This {thing} is worth every penny.", "My whole family adores the {thing}.",
    ),
    "validation": ("A lovely {thing}.", "I can recommend the {thing}."),
    "test": ("I loved this {thing}!", "This {thing} made my day.", "A great {thing}, worth the money.", "I enjoyed this {thing} very much."),
}  # fmt: skip
BLAME = {
    "train": (
        "I hate this {thing}.", "I hated every minute with this {thing}!", "What a terrible {thing}!", "This {thing} is awful.",
        "I would never buy this {thing} again.", "The {thing} broke after a day.", "I am very unhappy with the {thing}.",
        "I do not like this {thing} at all.", "Not a good {thing} at all.", "The {thing} was worse than I had feared.",
        "I don't want this {thing} any more.", "The worst {thing} I ever had.", "I did not enjoy the {thing}!",
        "I was disappointed by this {thing}.", "This {thing} is a waste of money.", "My whole family dislikes the {thing}.",
        "I don't like the {thing}.", "I didn't love this {thing}.",
    ),
    "validation": ("A dreadful {thing}.", "I cannot recommend the {thing}."),
    "test": ("I don't like this {thing}.", "This {thing} ruined my day.", "A terrible {thing}, not worth the money.", "I did not like this {thing} very much."),
}  # fmt: skip
SENTENCES = {"positive": PRAISE, "negative": BLAME}
VERBALISERS = (("Positive", "Negative"), ("good", "bad"), ("yes", "no"), ("5", "1"), ("+", "-"), ("like", "dislike"))


def draw(rng: random.Random, split: str) -> tuple[str, str]:
    """One review and its sentiment, "positive" or "negative"."""
    sentiment = rng.choice(tuple(SENTENCES))
    text = rng.choice(SENTENCES[sentiment][split]).format(thing=rng.choice(THINGS[split]))
    if rng.random() < 0.3:
        text = f"I bought it {rng.choice(('in May', 'last week', 'for my brother', 'online'))}. {text}"
    return text, sentiment


def stream(split: str, seed: int) -> Iterator[tuple[str, str]]:
    """Endless (review, sentiment) pairs of one split."""
    rng = random.Random(f"review {split} {seed}")
    while True:
        yield draw(rng, split)


def rows(split: str, seed: int) -> list[dict[str, str]]:
    """ROWS[split] different reviews."""
    seen: dict[str, str] = {}
    for text, sentiment in stream(split, seed):
        if len(seen) == ROWS[split]:
            return [
                {"id": f"{split}_{i}", "text": text, "sentiment": sentiment}
                for i, (text, sentiment) in enumerate(seen.items())
            ]
        seen.setdefault(text, sentiment)
