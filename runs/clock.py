"""Times of the clock and prices in the forms that people say and write them in."""

import random

NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
# Half of all times are in digits.
CLOCK_FORMS = ("digits", "digits", "dot", "words", "words", "past")
PRICE_FORMS = (
    *3 * ("{0} dollars", "${0}", "{0} euros", "{0} pounds", "£{0}"),
    *("{words} dollars", "{words} euros", "{words} pounds", "{0} francs", "{0} crowns"),
    *("${0}.50", "${0}.99", "£{0}.95", "£{0}.20", "€{0}", "€{0}.75"),
)


def in_words(number: int) -> str:
    """0 to 999 in English words."""
    if number >= 100:
        rest = f" and {in_words(number % 100)}" if number % 100 else ""
        return f"{NUMBERS[number // 100]} hundred{rest}"
    if number < 20:
        return NUMBERS[number]
    return TENS[number // 10 - 2] + (f"-{NUMBERS[number % 10]}" if number % 10 else "")


def clock(hour: int, minute: int, form: str) -> str:
    """A time that follows "at". form: digits, dot, words or past.

    >>> [clock(4, 50, form) for form in ("digits", "dot", "words", "past")]
    ['4:50', '4.50', 'four fifty', 'ten to five']
    """
    after = hour % 12 + 1
    if form == "digits":
        return f"{hour}:{minute:02}"
    if form == "dot":
        return f"{hour}.{minute:02}"
    if minute == 0:
        return f"{in_words(hour)} o'clock"
    if form == "words":
        return f"{in_words(hour)} {'oh ' if minute < 10 else ''}{in_words(minute)}"
    named = {15: "quarter", 30: "half"}
    if minute <= 30:
        return f"{named.get(minute, in_words(minute))} past {in_words(hour)}"
    return f"{named.get(60 - minute, in_words(60 - minute))} to {in_words(after)}"


def draw_clock(rng: random.Random, hour: int, minute: int) -> str:
    """The time in one of its forms."""
    return clock(hour, minute, rng.choice(CLOCK_FORMS))


def price(amount: int, form: str) -> str:
    """An amount of 0 to 999 in one of PRICE_FORMS.

    >>> price(18, "${0}.50"), price(18, "{words} euros")
    ('$18.50', 'eighteen euros')
    """
    return form.format(amount, words=in_words(amount) if amount < 1000 else amount)
