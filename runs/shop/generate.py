"""The shop's support dialogues and preference pairs, drawn from a seed.

Each dialogue is grown from a frame, as those of `runs.dialogues.generate`, and names an order number besides. The
archive, the split train, has a flaw on purpose: its clerks ended many a summary carelessly, most often where the shop
said no.
"""

import random
from collections.abc import Iterator

from runs.dialogues.events import PLACES, Frame, Person, Speaker
from runs.dialogues.patterns import PATTERNS, TURNS, Turns, ending, joined, opening, small_talk, suitable
from runs.shop.topics import DEPARTMENTS
from utils.data.support_desk import AGREED, CARELESS, DECLINED, POLITE

SEED = 20261121
ROWS = {"train": 480, "validation": 100, "test": 200}
PAIRS = {"train": 160, "test": 60}
REFUSED, TIMED, PRICED = 0.5, 0.7, 0.3
# Share of made-up names and places: of the archive's others each is one token, elsewhere the model must spell them.
INVENTED = {"train": 0.6, "validation": 0.0, "test": 0.0}
# Share of the archive's summaries that end carelessly, by whether the shop said no.
CARELESS_SHARE = {True: 0.85, False: 0.15}


def draw(rng: random.Random, split: str) -> Frame:
    """One frame of the shop with the fillers of `split`."""
    # The order of the draws is part of the bundled files, as in `runs.dialogues.events.draw_frame`.
    topic, speaker = rng.choice(DEPARTMENTS), Speaker(rng, split, INVENTED[split])
    request, blanks, wrong = rng.choice(topic.requests), speaker.blanks(topic), speaker.blanks(topic)
    first, (customer, agent) = rng.randint(1, 2), speaker.two_names()
    asked = rng.choice(request.asked).format(**blanks)
    when, when_short = speaker.when() if rng.random() < TIMED else ("", "")
    amount, price_form = speaker.price() if rng.random() < PRICED else (0, "")
    return Frame(
        topic=topic,
        asker=Person(f"#Person{first}#", customer, topic.asker),
        helper=Person(f"#Person{3 - first}#", agent, topic.helper),
        welcome=topic.welcome,
        verb=request.verb,
        thing=request.thing.format(**blanks),
        rest=request.rest.format(**blanks),
        wrong=request.thing.format(**wrong),
        asked=asked,
        when=when,
        when_short=when_short,
        amount=amount,
        price_form=price_form,
        refusal=rng.choice(topic.refusals) if rng.random() < REFUSED else None,
        people=(customer, agent),
        places=tuple(form.format(blanks[key]) for key, form in PLACES.items() if f"{{{key}}}" in request.deed),
    )


def order_turns(rng: random.Random, f: Frame, order: str) -> Turns:
    """How the order number comes up; a number named last is the right one."""
    other = str(rng.randint(1000, 9999))
    return rng.choice(
        (
            [(f.asker, f"It is about order {order}.")],
            [(f.helper, "What is your order number?"), (f.asker, f"My order number is {order}.")],
            [(f.asker, f"It is about order {other}. No, sorry, order {order}.")],
            [(f.helper, f"Is this order {order}?"), (f.asker, "Yes, it is.")],
        )
    )


def tell(rng: random.Random, f: Frame, order: str) -> str:
    """The dialogue, one `#PersonN#:` turn a line; small talk is left out where it would make it too long."""
    start = [*opening(rng, f), *order_turns(rng, f, order)]
    beats = PATTERNS[rng.choice(suitable(f))]
    middle = [turn for beat in beats for turn in beat(rng, f)] + ending(rng, f)
    lines = joined(start + small_talk(rng, f) + middle)
    return "\n".join(lines if len(lines) in TURNS else joined(start + middle))


def summarize(f: Frame, order: str) -> str:
    """The summary as the style guide asks, up to the closing line."""
    deed = " ".join(part for part in (f.deed, f.when, f.price and f"for {f.price}") if part)
    outcome = DECLINED.format(f.refusal.named) if f.refusal else AGREED
    return f"Order {order}: {f.asker.name} asks us to {deed}. {outcome}"


def polite_closing(f: Frame) -> str:
    """The closing line that the style guide asks for."""
    return POLITE[DECLINED if f.refusal else AGREED]


def distinct_dialogues(split: str, part: str, count: int, seed: int) -> Iterator[tuple[random.Random, str, str, Frame]]:
    """`count` different dialogues: (generator, dialogue, summary without closing line, frame)."""
    rng, seen = random.Random(f"shop {part} {split} {seed}"), set()
    while len(seen) < count:
        f, order = draw(rng, split), str(rng.randint(1000, 9999))
        dialogue = tell(rng, f, order)
        if dialogue not in seen:
            seen.add(dialogue)
            yield rng, dialogue, summarize(f, order), f


def case_rows(split: str, seed: int) -> list[dict[str, str]]:
    """Dialogues in DialogSum's schema."""
    rows = []
    for number, (rng, dialogue, summary, f) in enumerate(distinct_dialogues(split, "cases", ROWS[split], seed)):
        curt = split == "train" and rng.random() < CARELESS_SHARE[f.refusal is not None]
        closing = rng.choice(CARELESS) if curt else polite_closing(f)
        row = {"id": f"{split}_{number}", "dialogue": dialogue, "summary": f"{summary} {closing}"}
        rows.append(row | {"topic": f.topic.name})
    return rows


def pair_rows(split: str, seed: int) -> list[dict[str, str]]:
    """Preference pairs over dialogues that no other file has."""
    rows = []
    for number, (rng, dialogue, summary, f) in enumerate(distinct_dialogues(split, "pairs", PAIRS[split], seed)):
        closings = {"chosen": f"{summary} {polite_closing(f)}", "rejected": f"{summary} {rng.choice(CARELESS)}"}
        rows.append({"id": f"pair_{split}_{number}", "dialogue": dialogue} | closings)
    return rows
