"""Finance texts: news, filings, deals and briefs about companies that do not exist.

A text is grown from one event of one company, and its parts agree: the sector decides the products, the measures and
the reasons; what a measure means and where it moves decide together whether the shares rise or fall (revenue that falls
is bad, a loss that narrows is good); figures are computed from each other. A word alone therefore settles little.
"""

import random
from dataclasses import dataclass, replace

from runs.dialogues.fillers import BY_SPLIT, DAYS
from utils.data.domains import HEADLINE_SENTIMENTS

SHARES = {"positive": "rose", "negative": "fell", "neutral": "held"}
QUARTERS = ("first", "second", "third", "fourth")
STARTS = "Bra Cor Del Fen Gal Hal Jor Kel Lum Mar Nor Pel Quin Ros Sel Tar Ul Ver Wes Yar Zel Ald Bel Cal"
ENDS = "dane vik mont ley tra quil nor bex lund cove mund stad ton rix via den"
USUAL = 0.75  # share of measures that please when they grow: a direction alone then tells something, not all
PERCENTS = (5, 10, 15, 20, 25)
UP = (("rose", "rise"), ("climbed", "climb"), ("increased", "increase"))
DOWN = (("fell", "fall"), ("dropped", "drop"), ("decreased", "decrease"))
POSTS = ("chief executive", "chief financial officer", "chair of the board", "head of investor relations")


@dataclass(frozen=True)
class Sector:
    """What companies of one kind are called, make and report. `good` measures please when they grow, `bad` ones when
    they shrink; `lifts` and `drags` are reasons for good and bad news.
    """

    noun: str
    tag: str
    suffixes: tuple[str, ...]
    products: tuple[str, ...]
    good: tuple[str, ...]
    bad: tuple[str, ...]
    lifts: tuple[str, ...]
    drags: tuple[str, ...]


def _sector(noun: str, tag: str, *lists: str) -> Sector:
    return Sector(noun, tag, *(tuple(part.split("|")) for part in lists))


SECTORS = (
    _sector(
        "bank", "banking", "Bank|Bancorp|Savings",
        "mortgages|consumer credit|trade finance|custody services|savings bonds|auto loans",
        "net interest margin|loan growth|fee income|tier 1 capital",
        "non-performing loans|loan-loss provisions|the cost of funds",
        "higher policy rates|a steeper yield curve|strong demand for mortgages",
        "defaults among small borrowers|deposit outflows|a flatter yield curve",
    ),
    _sector(
        "drug maker", "drugs", "Therapeutics|Pharma|Biosciences",
        "an asthma drug|a migraine tablet|an insulin pen|a flu vaccine|"
        "a biosimilar|a gene therapy",
        "prescription volume|royalty income|the late-stage pipeline", "trial costs|litigation reserves|generic erosion",
        "a favourable label from the regulator|a successful phase three trial|wider reimbursement",
        "the loss of a patent|a failed phase two trial|a complete response letter",
    ),
    _sector(
        "airline", "airlines", "Air|Airways|Aviation",
        "cargo routes|long-haul seats|charter flights|a loyalty programme|"
        "regional routes|premium cabins",
        "the load factor|passenger yield|ancillary revenue", "fuel costs|landing charges|compensation claims",
        "cheaper jet fuel|a busy holiday season|new landing slots",
        "dearer jet fuel|a strike of cabin crew|grounded aircraft",
    ),
    _sector(
        "chip maker", "electronics", "Semiconductors|Microsystems|Silicon",
        "power chips|memory chips|image sensors|wafers|"
        "radio modules|graphics processors",
        "wafer output|average selling prices|the book-to-bill ratio",
        "inventory write-downs|fab depreciation|scrap rates",
        "a shortage of memory chips|orders from data centres|better wafer yields",
        "a glut of memory chips|new export controls|poor wafer yields",
    ),
    _sector(
        "retailer", "retail", "Stores|Retail|Outlets",
        "private-label goods|homeware|sportswear|frozen food|garden furniture|"
        "online orders",
        "same-store sales|basket size|footfall", "markdowns|shrinkage|freight costs",
        "a strong holiday season|fewer markdowns|lower freight rates",
        "weak consumer confidence|heavy discounting|a data breach",
    ),
    _sector(
        "oil producer", "energy", "Petroleum|Energy|Resources", "crude oil|liquefied gas|deepwater wells|shale leases|"
        "refined fuels|drilling rights",
        "proved reserves|daily output|the refining margin",
        "lifting costs|decommissioning provisions|dry-hole expenses",
        "higher crude prices|a new discovery|wider refining margins",
        "lower crude prices|a pipeline outage|a windfall tax",
    ),
    _sector(
        "insurer", "insurance", "Assurance|Insurance|Mutual", "motor policies|life annuities|crop cover|reinsurance|"
        "travel policies|marine cover",
        "written premiums|the solvency ratio|investment income", "the combined ratio|claims paid|catastrophe losses",
        "a mild storm season|higher premium rates|gains on bonds",
        "flood claims|a costly storm season|losses on bonds",
    ),
    _sector(
        "carmaker", "cars", "Motors|Automotive|Vehicles", "electric vans|hybrid saloons|pickup trucks|gearboxes|"
        "battery packs|delivery vans",
        "vehicle deliveries|fleet orders|the average transaction price",
        "warranty costs|recall provisions|dealer incentives",
        "strong fleet orders|lower battery prices|a popular new model",
        "a shortage of parts|a safety recall|new import tariffs",
    ),
    _sector(
        "software group", "technology", "Systems|Software|Networks",
        "payroll software|cloud storage|security tools|billing software|"
        "data licences|mapping services",
        "recurring revenue|net retention|billings", "customer churn|hosting costs|deferred-revenue adjustments",
        "renewals by large customers|a new pricing model|demand for cloud services",
        "a lost government contract|longer sales cycles|an outage",
    ),
    _sector(
        "miner", "mining", "Mining|Metals|Minerals",
        "copper concentrate|iron ore|lithium salts|gold bars|zinc ore|potash",
        "ore grades|copper output|realised prices", "cash costs|strip ratios|rehabilitation provisions",
        "higher copper prices|better ore grades|a new shaft",
        "lower iron ore prices|a flooded pit|a royalty dispute",
    ),
)  # fmt: skip
GOOD = (
    "revenue",
    "operating profit",
    "net income",
    "gross margin",
    "free cash flow",
    "earnings per share",
    "the order backlog",
)
BAD = (
    "operating expenses",
    "net debt",
    "impairment charges",
    "the net loss",
    "restructuring charges",
    "the pension deficit",
)
RAISED = {  # what it means when a company raises this; cutting means the opposite
    "its full-year guidance": "positive", "its dividend": "positive", "its sales target": "positive",
    "its profit forecast": "positive", "its share buyback": "positive",
    "its loan-loss reserves": "negative", "its debt load": "negative", "its cost estimate": "negative",
    "its loss forecast": "negative", "its bad-debt charge": "negative",
}  # fmt: skip
EVENTS = {
    "positive": (
        "wins a contract for {product}", "beats analyst estimates", "swings to a profit", "narrows its net loss",
        "lands a large order for {product}", "sees its credit rating upgraded", "repays its convertible notes early",
    ),
    "negative": (
        "loses a contract for {product}", "misses analyst estimates", "swings to a loss", "widens its net loss",
        "halts deliveries of {product}", "sees its credit rating downgraded", "defaults on its convertible notes",
    ),
    "neutral": (
        "names {person} {post}", "will report results on {day}", "moves its head office to {city}",
        "presents {product} at a conference in {city}", "changes its auditor", "holds its annual meeting in {city}",
        "extends the term of {person}", "keeps its dividend unchanged",
    ),
}  # fmt: skip
SENSES = (
    "The notes carry interest of {percent} percent and the principal is due in {year}.",
    "The spread over government bonds {wide} by {n} basis points.",
    "Short sellers hold {percent} percent of the free float.",
    "The company booked a one-off charge of {n} million dollars.",
    "The new issue of bonds yields {percent} percent.",
    "Holders of call options may buy the stock at {n} dollars until {day}.",
    "Bulls point to the order book, bears to the margin.",
    "The hedge covers half of the currency exposure.",
    "The balance of the credit line stands at {n} million dollars.",
    "The fund holds liquid securities and a short position in futures.",
    "The stock trades at {n} times forward earnings.",
    "The rating agency took no action on the covered bonds.",
)
QUOTES = {
    "positive": (
        "Demand is stronger than we expected",
        "This quarter puts us ahead of plan",
        "Our margins can go further",
    ),
    "negative": (
        "Conditions are harder than we expected",
        "This quarter puts us behind plan",
        "We must protect our cash",
    ),
    "neutral": (
        "We do not comment on the share price",
        "The board is following its plan",
        "Nothing changes for customers",
    ),
}


@dataclass(frozen=True)
class Event:
    """One piece of news: what a headline says, its sentiment, and who and what it is about."""

    company: str
    sector: Sector
    headline: str
    sentiment: str
    person: str
    post: str
    city: str


def names(split: str) -> list[str]:
    """The companies of a split, without suffix; splits share none, though they share syllables."""
    taken = {name for pool in BY_SPLIT.values() for name in (*pool.names, *pool.surnames, *pool.cities)}
    every = [name for start in STARTS.split() for end in ENDS.split() if (name := start + end) not in taken]
    random.Random(9).shuffle(every)
    cut = (len(every) * 6) // 10, (len(every) * 7) // 10
    return {"train": every[: cut[0]], "validation": every[cut[0] : cut[1]], "test": every[cut[1] :]}[split]


COMPANIES = {split: names(split) for split in BY_SPLIT}


def draw(rng: random.Random, split: str) -> Event:
    """One event; its sentiment is drawn first, so that the three are equally frequent."""
    sentiment, sector, pool = rng.choice(HEADLINE_SENTIMENTS), rng.choice(SECTORS), BY_SPLIT[split]
    company = f"{rng.choice(COMPANIES[split])} {rng.choice(sector.suffixes)}"
    person = f"{rng.choice(pool.names)} {rng.choice(pool.surnames)}"
    post, city = rng.choice(POSTS), rng.choice(pool.cities)
    event = Event(company, sector, "", sentiment, person, post, city)
    kind = rng.choice(("measure", "measure", "raise", "event"))
    said = {"measure": _measure, "raise": _raise, "event": _event}["event" if sentiment == "neutral" else kind](
        rng, event
    )
    return replace(event, headline=f"{company} {said}")


def _measure(rng: random.Random, e: Event) -> str:
    """A measure and where it moves: a good one that grows or a bad one that shrinks is positive."""
    good = rng.random() < USUAL
    grows = good == (e.sentiment == "positive")
    own, common = (e.sector.good, GOOD) if good else (e.sector.bad, BAD)
    measure = rng.choice(own if rng.random() < 0.3 else common)
    verb = rng.choice(UP if grows else DOWN)
    said = rng.choice(
        (f"says {measure} {verb[0]}", f"reports that {measure} {verb[0]}", f"expects {measure} to {verb[1]}")
    )
    return f"{said} in the {rng.choice(QUARTERS)} quarter" if rng.random() < 0.4 else said


def _raise(rng: random.Random, e: Event) -> str:
    good = rng.random() < USUAL
    raised = good == (e.sentiment == "positive")
    fits = [what for what, means in RAISED.items() if (means == "positive") == good]
    return f"{rng.choice(('raises', 'lifts') if raised else ('cuts', 'lowers'))} {rng.choice(fits)}"


def _event(rng: random.Random, e: Event) -> str:
    return rng.choice(EVENTS[e.sentiment]).format(
        product=rng.choice(e.sector.products), person=e.person, post=e.post, day=rng.choice(DAYS), city=e.city
    )


def brief(rng: random.Random, split: str) -> str:
    """A headline and how the shares took it."""
    e = draw(rng, split)
    return f"{e.headline}. Shares {SHARES[e.sentiment]}."


def news(rng: random.Random, split: str) -> str:
    """A headline, who it is about, why, what an officer says, how the shares took it."""
    e = draw(rng, split)
    parts = [f"{e.headline}. Shares {SHARES[e.sentiment]}."]
    parts.append(f"The {e.sector.noun} from {e.city} sells {' and '.join(rng.sample(e.sector.products, 2))}.")
    if e.sentiment != "neutral":
        reasons = e.sector.lifts if e.sentiment == "positive" else e.sector.drags
        lead = rng.choice(("Analysts point to", "It cited", "The main reason was"))
        parts.append(f"{lead} {rng.choice(reasons)}.")
    parts.append(f'"{rng.choice(QUOTES[e.sentiment])}," said {e.person}, {e.post} of {e.company}.')
    move = {"positive": "up", "negative": "down"}.get(e.sentiment)
    n = rng.choice(PERCENTS)
    parts.append(f"By the close the stock was {move} {n} percent." if move else "By the close the stock was unchanged.")
    return " ".join([*parts, *([_sense(rng)] if rng.random() < 0.6 else [])])


def filing(rng: random.Random, split: str) -> str:
    """A paragraph of a report: figures for two years that agree with each other, and what they are made of."""
    e, year = draw(rng, split), rng.randrange(2012, 2025)
    parts = [f"{e.company}, report for the {rng.choice(QUARTERS)} quarter of {year}."]
    for measure in rng.sample(("Revenue", "Operating profit", "Free cash flow", "Net debt", "Operating expenses"), 2):
        before, percent = rng.randrange(20, 420, 20), rng.choice(PERCENTS)
        grows = rng.random() < 0.5
        after = before + (before * percent // 100 if grows else -(before * percent // 100))
        parts.append(
            f"{measure} was {after} million dollars, compared with {before} million dollars in {year - 1}, "
            f"{'an increase' if grows else 'a decrease'} of {percent} percent."
        )
        change = "increase" if grows else "decrease"
        parts.append(f"The {change} in {measure.lower()} reflects {_reason(rng, e, measure, grows)}.")
    whole = rng.randrange(40, 400, 20)
    parts.append(
        f"Sales of {rng.choice(e.sector.products)} were {whole} million dollars, of which {whole // 2} million "
        "dollars, or one half, came from abroad."
    )
    return " ".join([*parts, _sense(rng)])


def _reason(rng: random.Random, e: Event, measure: str, grows: bool) -> str:
    pleases = grows == (measure not in ("Net debt", "Operating expenses"))
    return rng.choice(e.sector.lifts if pleases else e.sector.drags)


def _sense(rng: random.Random) -> str:
    return rng.choice(SENSES).format(
        percent=rng.randrange(2, 9), year=rng.randrange(2026, 2040), n=rng.randrange(5, 60, 5), day=rng.choice(DAYS),
        wide=rng.choice(("widened", "narrowed")),
    )  # fmt: skip


DEALS = (  # {a} buys {b}
    "{a} agreed to buy {b} for {n} million dollars.", "{b} accepted an offer of {n} million dollars from {a}.",
    "{a} made a takeover bid of {n} million dollars for {b}.", "{b} was sold to {a} for {n} million dollars.",
    "Shareholders of {b} approved the merger with its bidder {a}.", "{a} won regulatory approval to acquire {b}.",
)  # fmt: skip
PROFILES = (
    "{company} sells {one} and {two}.", "{company} says it sold more of {one} because of {lift}.",
    "{company} warns of {drag}.", "{company} reports {measure} and {other} for the first time.",
)  # fmt: skip


def deal(rng: random.Random, split: str) -> str:
    """Who buys whom."""
    a, b = rng.sample(COMPANIES[split], 2)
    return rng.choice(DEALS).format(a=a, b=b, n=rng.randrange(50, 950, 50))


def entity(rng: random.Random, split: str) -> tuple[str, str]:
    """A sentence about a company whose name does not tell its sector, and the sector."""
    sector = rng.choice(SECTORS)
    one, two = rng.sample(sector.products, 2)
    measure, other = rng.sample((*sector.good, *sector.bad), 2)
    text = rng.choice(PROFILES).format(
        company=rng.choice(COMPANIES[split]), one=one, two=two, measure=measure, other=other,
        lift=rng.choice(sector.lifts), drag=rng.choice(sector.drags),
    )  # fmt: skip
    return text, sector.tag


def profile(rng: random.Random, split: str) -> str:
    """A company and its sector."""
    text, sector = entity(rng, split)
    return f"{text} Sector: {sector}."


KINDS = {"brief": (brief, 56), "profile": (profile, 32), "news": (news, 6), "filing": (filing, 3), "deal": (deal, 3)}
