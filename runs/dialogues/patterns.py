"""How a dialogue goes: openings, eighteen patterns of asking and bargaining, small talk, endings.

A beat is a function of a random generator and a frame; it returns turns, (speaker, text). Beats about a time or a
price return none when the frame has none.
"""

import itertools
import random
from collections.abc import Callable

from runs import clock
from runs.dialogues.events import Frame, Person
from runs.dialogues.fillers import DAYS

Turns = list[tuple[Person, str]]
Beat = Callable[[random.Random, Frame], Turns]

SMALL_TALK_SHARES = (0.25, 0.05)  # of dialogues with one exchange, with another
TURNS = range(4, 15)
SMALL_TALK = (
    ("How are you today?", "A little tired, but fine."),
    ("What awful weather.", "Yes, I got wet on the way."),
    ("You look well.", "Thanks, I have just been on holiday."),
    ("Did you watch the match last night?", "Only the second half."),
    ("The traffic was terrible this morning.", "I know, I took the tram."),
    ("Is that a new coat?", "It was a present from my aunt."),
    ("How is your mother?", "Much better, thank you."),
    ("I smell coffee.", "There is some left in the pot."),
    ("It is cold in here.", "The heating has just come on."),
    ("Was that thunder?", "No, only a lorry."),
    ("You have a lovely view.", "Yes, on a clear day."),
    ("I could not sleep last night.", "The full moon, perhaps."),
)
# What is said at first, by turns. In ANSWERED the helper begins, in APPROACHED the asker.
ANSWERED = (
    ("{welcome} This is {helper}.", "Hello, {helper}, it is {asker}."),
    ("{welcome} My name is {helper}.", "Hi, I am {asker}."),
    ("{welcome} {helper} speaking.", "Good morning. My name is {asker}."),
)
ANSWERED_WITH_ROLES = (
    ("{welcome} This is {helper}, {the_helper}.", "Hello, {helper}. I am {asker}, {the_asker}. It is about {topic}."),
    ("Hello, {topic} desk, {helper} speaking. I am {the_helper}.", "Good morning. I am {asker}, {the_asker}."),
    ("{Topic}, good morning. Here is {the_helper}, {helper}. Who is calling?", "{asker}, {the_asker}."),
    ("My name is {helper}, I am {the_helper} here. Have you come about {topic}?", "Yes. I am {asker}, {the_asker}."),
)
APPROACHED = (
    ("Good morning, {helper}.", "Good to see you, {asker}."),
    ("Excuse me, are you {helper}?", "Yes, and you must be {asker}."),
    ("Hello, my name is {asker}.", "Hello, {asker}. I am {helper}."),
)
APPROACHED_WITH_ROLES = (
    (
        "Excuse me, are you {helper}, {the_helper}?",
        "Yes. And you are {asker}, {the_asker}?",
        "Right. It is about {topic}.",
    ),
    (
        "Hello, this is {asker}, {the_asker}.",
        "Hello. I am {helper}, {the_helper}. Is it about {topic}?",
        "It is.",
    ),
    (
        "Good morning, {helper}. Are you {the_helper}?",
        "I am. You must be {asker}, {the_asker}. {Topic}, I suppose?",
        "Exactly.",
    ),
    (
        "Hi, {helper}, I have a question about {topic}.",
        "Ask {the_helper}! You are {asker}, {the_asker}, I think?",
        "Yes, I am.",
    ),
)
ASK = (
    "Could you {deed}?",
    "Can you {deed} for me?",
    "I would like you to {deed}.",
    "I wanted to ask you to {deed}.",
    "Would it be possible to {deed}?",
    "Please {deed}.",
    "I need someone to {deed}.",
)
AGREE = (
    "Of course, I will do that.",
    "Yes, no problem.",
    "All right, that is settled.",
    "Certainly.",
    "With pleasure.",
    "Yes, you can count on me.",
    "Fine, consider it done.",
)
THANKS = ("Thank you very much.", "Thank you, {helper}.", "That is kind of you.", "Great, thanks.", "Thanks a lot.")
REFUSE = ("That will not work.", "I have to say no.", "I am sorry, no.", "Unfortunately not.", "No, I cannot do that.")
CAUSE = (
    "It is because of {cause}.",
    "The reason is {cause}.",
    "I cannot, because of {cause}.",
    "Sadly, {cause} got in the way.",
    "Blame {cause}.",
)
PITY = ("What a pity.", "I see.", "That is too bad, {helper}.", "Well, never mind.", "Oh dear.")


def capital(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[0].upper() + text[1:]


def opening(rng: random.Random, f: Frame) -> Turns:
    """Both names come up; where the topic is new to the model, or half the time, both roles and the topic do too."""
    told = not f.topic.seen or rng.random() < 0.5
    if f.helper.tag == "#Person1#":
        turns = rng.choice(ANSWERED_WITH_ROLES if told else ANSWERED)
        speakers = itertools.cycle((f.helper, f.asker))
    else:
        turns = rng.choice(APPROACHED_WITH_ROLES if told else APPROACHED)
        speakers = itertools.cycle((f.asker, f.helper))
    blanks = {
        "welcome": f.welcome,
        "asker": f.asker.name,
        "helper": f.helper.name,
        "the_asker": f.asker.role,
        "the_helper": f.helper.role,
        "topic": f.topic.name,
        "Topic": capital(f.topic.name),
    }
    return [(speaker, text.format(**blanks)) for speaker, text in zip(speakers, turns, strict=False)]


def small_talk(rng: random.Random, f: Frame) -> Turns:
    """Talk that must not enter the summary: no, one or two exchanges."""
    count = sum(rng.random() < share for share in SMALL_TALK_SHARES)
    pairs = rng.sample(SMALL_TALK, count)
    return [turn for first, second in pairs for turn in ((f.asker, first), (f.helper, second))]


def request(rng: random.Random, f: Frame, thing: str = "") -> str:
    """The sentence that asks for the deed; `thing` when another is named by mistake."""
    if f.asked and not thing and rng.random() < 0.5:
        return f.asked
    return rng.choice(ASK).format(deed=f.deed_with(thing or f.thing))


def ask(rng: random.Random, f: Frame) -> Turns:
    """The deed is asked for in one sentence."""
    return [(f.asker, request(rng, f))]


def ask_and_correct(rng: random.Random, f: Frame) -> Turns:
    """The asker names the wrong thing and corrects it."""
    slip = rng.choice(("No, wait, I mean {}.", "Sorry, no, {}.", "No, not that: {}."))
    return [(f.asker, f"{request(rng, f, f.wrong)} {slip.format(f.thing)}")]


def ask_misheard(rng: random.Random, f: Frame) -> Turns:
    """The helper understands another thing."""
    return [
        *ask(rng, f),
        (f.helper, capital(rng.choice(("{}?", "did you say {}?", "you mean {}?")).format(f.wrong))),
        (f.asker, rng.choice(("No, {}.", "I said {}.", "Not at all. I mean {}.")).format(f.thing)),
    ]


def ask_interrupted(rng: random.Random, f: Frame) -> Turns:
    """The helper is called away after the request."""
    away = rng.choice(("One moment, the phone is ringing.", "Wait, there is someone at the door.", "Just a second."))
    return [*ask(rng, f), (f.helper, away), (f.asker, "Take your time."), (f.helper, "Now, where were we?")]


def ask_cut_off(rng: random.Random, f: Frame) -> Turns:
    """The asker does not get to the point at once."""
    return [
        (f.asker, rng.choice(("Could you", "I was wondering", "The thing is")) + " ..."),
        (f.helper, rng.choice(("Sorry to interrupt, do sit down first.", "Let me close the window first."))),
        (f.asker, f"Thank you. {request(rng, f)}"),
    ]


def ask_by_pronoun(rng: random.Random, f: Frame) -> Turns:
    """The thing is named first and then only referred to."""
    return [
        (f.asker, rng.choice(("It is about {}.", "I have come because of {}.", "Do you know {}?")).format(f.thing)),
        (f.helper, f"What about {f.pronoun}?"),
        (f.asker, rng.choice(ASK).format(deed=f.deed_with(f.pronoun))),
    ]


def ask_in_pieces(rng: random.Random, f: Frame) -> Turns:
    """The helper has to ask what should be done."""
    return [
        (f.asker, f"I need help with {f.thing}."),
        (f.helper, f"And what should I do with {f.pronoun}?"),
        (f.asker, f"{capital(f.deed_with(f.pronoun))}, please."),
    ]


def ask_reminding(rng: random.Random, f: Frame) -> Turns:
    """The helper is the one who says what was asked."""
    return [
        (f.asker, rng.choice(("Do you remember what I asked you?", "You know what I want."))),
        (f.helper, f"You want me to {f.deed}?"),
        (f.asker, "Exactly."),
    ]


def say_when(rng: random.Random, f: Frame) -> Turns:
    """The asker gives the time unasked."""
    return [(f.asker, rng.choice(("It should be {}.", "I mean {}.", "Best {}.")).format(f.when))] if f.when else []


def when_asked(rng: random.Random, f: Frame) -> Turns:
    """The helper asks for the time."""
    if not f.when:
        return []
    return [
        (f.helper, rng.choice(("When should it be?", "For when?", "Which day?"))),
        (f.asker, rng.choice(("{}, please.", "{}.", "{}, if you can.")).format(capital(f.when))),
    ]


def other_day(rng: random.Random, f: Frame) -> str:
    """A day that is not the frame's."""
    return rng.choice([day for day in DAYS if day not in f.when])


def when_corrected(rng: random.Random, f: Frame) -> Turns:
    """The asker names the wrong day first."""
    if not f.when:
        return []
    slip = rng.choice(("No, sorry", "Wait, no", "Oh no"))
    return [(f.helper, "When should it be?"), (f.asker, f"On {other_day(rng, f)}. {slip}, {f.when}.")]


def when_offered(rng: random.Random, f: Frame) -> Turns:
    """The helper offers another time than the one wished for."""
    if not f.when:
        return []
    wish = other_day(rng, f)
    no = rng.choice((f"{wish} is impossible.", f"I am away on {wish}.", f"Not on {wish}."))
    return [
        (f.asker, f"It should be on {wish}."),
        (f.helper, f"{no} {rng.choice(('How about', 'Shall we say', 'It could be'))} {f.when}?"),
        (f.asker, rng.choice(("That suits me.", "All right.", "That is fine too."))),
    ]


def when_insisted(rng: random.Random, f: Frame) -> Turns:
    """The helper has no time today; the asker proposes a day."""
    if not f.when:
        return []
    return [
        (f.helper, rng.choice(("I have no time today.", "Today is difficult.", "Not today, I am afraid."))),
        (f.asker, rng.choice(("And {}?", "Then {}.", "What about {}?")).format(f.when)),
    ]


def price_asked(rng: random.Random, f: Frame) -> Turns:
    """The price is asked for and told."""
    if not f.price:
        return []
    question = rng.choice(("How much will it cost?", "What do you charge?", "And the price?"))
    return [(f.asker, question), (f.helper, rng.choice(("It costs {}.", "{}.", "That is {}.")).format(f.price))]


def other_price(f: Frame, more: int) -> str:
    """A price in the frame's form that is so much higher, or lower for a negative number; at least two."""
    return clock.price(max(2, f.amount + more), f.price_form)


def price_haggled(rng: random.Random, f: Frame) -> Turns:
    """A first, higher price is talked down."""
    if not f.price:
        return []
    first = other_price(f, 10 * rng.randint(1, 5))
    return [
        (f.asker, "How much will it cost?"),
        (f.helper, f"{first}."),
        (f.asker, rng.choice(("That is too much.", "I cannot pay that.", "Can you do better?"))),
        (f.helper, rng.choice(("{}, then.", "{}, but not less.", "For you, {}.")).format(f.price)),
    ]


def price_offered(rng: random.Random, f: Frame) -> Turns:
    """The asker makes an offer that is too low, then the right one."""
    if not f.price:
        return []
    low = other_price(f, -rng.randint(3, 9))
    return [(f.asker, f"I can pay {low}."), (f.helper, "That is not enough."), (f.asker, f"Then {f.price}.")]


def hesitate(rng: random.Random, f: Frame) -> Turns:
    """The helper is not sure yet."""
    return [
        (f.helper, rng.choice(("I am not sure yet.", "Hmm, let me think.", "That is a lot to ask."))),
        (f.asker, rng.choice(("It would help me very much.", "Please, it is important.", "Nobody else can do it."))),
    ]


def look_up(rng: random.Random, f: Frame) -> Turns:
    """The helper looks something up before the answer."""
    return [
        (f.helper, rng.choice(("Let me look that up.", "I have to check first.", "Let me ask upstairs."))),
        (f.asker, rng.choice(("Please do.", "Of course.", "I can wait."))),
    ]


PATTERNS: dict[str, tuple[Beat, ...]] = {
    "straight": (ask, say_when, price_asked),
    "asked back": (ask, when_asked, price_asked),
    "day corrected": (ask, when_corrected, price_asked),
    "thing corrected": (ask_and_correct, when_asked, price_asked),
    "misheard": (ask_misheard, say_when, price_asked),
    "interrupted": (ask_interrupted, say_when, price_asked),
    "cut off": (ask_cut_off, say_when, price_asked),
    "by pronoun": (ask_by_pronoun, say_when, price_asked),
    "in pieces": (ask_in_pieces, when_asked, price_asked),
    "reminding": (ask_reminding, when_asked, price_asked),
    "other day offered": (ask, when_offered, price_asked),
    "not today": (ask, when_insisted, price_asked),
    "haggling": (ask, say_when, price_haggled),
    "low offer": (ask, when_asked, price_offered),
    "hesitation": (ask, say_when, price_asked, hesitate),
    "looked up": (ask, say_when, price_asked, look_up),
    "a long way round": (ask_cut_off, when_corrected, price_haggled, hesitate),
    "nothing is easy": (ask_misheard, when_offered, price_haggled, hesitate),
}
TURN_ON_ANOTHER_THING = {ask_and_correct, ask_misheard}
TURN_ON_TIME = {when_corrected, when_offered, when_insisted}
TURN_ON_PRICE = {price_haggled, price_offered}


def suitable(f: Frame) -> list[str]:
    """The patterns that this frame can follow: no other day is offered where no day matters."""
    idle = (
        (set() if f.when else TURN_ON_TIME)
        | (set() if f.price else TURN_ON_PRICE)
        | (set() if f.wrong != f.thing else TURN_ON_ANOTHER_THING)
    )
    return [name for name, beats in PATTERNS.items() if not idle & set(beats)]


def ending(rng: random.Random, f: Frame) -> Turns:
    """The answer, and a last word."""
    if not f.refusal:
        return [(f.helper, rng.choice(AGREE)), (f.asker, rng.choice(THANKS).format(helper=f.helper.name))]
    idiom = f.refusal.spoken and rng.random() < 0.6
    reason = f.refusal.spoken if idiom else rng.choice(CAUSE).format(cause=f.refusal.named)
    return [(f.helper, f"{rng.choice(REFUSE)} {reason}"), (f.asker, rng.choice(PITY).format(helper=f.helper.name))]


def tell(rng: random.Random, f: Frame, pattern: str) -> str:
    """The dialogue of a frame, one `#PersonN#:` turn a line; small talk is left out where it would make it too long."""
    start, finish = opening(rng, f), ending(rng, f)
    middle = [turn for beat in PATTERNS[pattern] for turn in beat(rng, f)]
    lines = joined(start + small_talk(rng, f) + middle + finish)
    # Small talk is dropped; nothing is drawn again until it fits, since some beats never do.
    return "\n".join(lines if len(lines) in TURNS else joined(start + middle + finish))


def joined(turns: Turns) -> list[str]:
    """One line for each run of turns by the same speaker."""
    runs = itertools.groupby(turns, lambda turn: turn[0].tag)
    return [f"{tag}: {' '.join(text for _, text in run)}" for tag, run in runs]
