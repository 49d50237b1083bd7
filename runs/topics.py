"""What the dialogues are about: fourteen everyday topics, each with roles, requests and reasons to refuse.

Braces are blanks: {item} {quality} {n} {street} {city} {venue} {surname} {name}.
`{item}` draws from the topic's own list, whose three parts belong to the splits train, validation and test.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """A deed as the summary names it, and the ways a speaker may ask for it."""

    deed: str
    asked: tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    """A reason as it is spoken, and as the summary names it after "because of"."""

    spoken: str
    named: str


@dataclass(frozen=True)
class Topic:
    """One everyday topic. `asker` and `helper` are roles; `items` are lists for train, validation, test."""

    name: str
    asker: str
    helper: str
    welcome: str
    requests: tuple[Request, ...]
    refusals: tuple[Refusal, ...]
    items: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    priced: bool = True


def _items(train: str, validation: str, test: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(part.split("|")) for part in (train, validation, test))


TOPICS = (
    Topic(
        "restaurant", "the guest", "the waiter", "Welcome to the {venue}.",
        (
            Request("reserve a table for {n}", ("Could you reserve a table for {n}?", "We would like a table for {n}.")),
            Request("bring the {item}", ("Could you bring me the {item}?", "I will have the {item}, please.")),
            Request("change the order to the {item}", ("Could I have the {item} instead?", "I would rather have the {item} now.")),
        ),
        (
            Refusal("I am afraid every table is taken.", "a full house"),
            Refusal("Sorry, the kitchen has just closed.", "a closed kitchen"),
            Refusal("We have run out, I am sorry.", "an empty pantry"),
        ),
        _items(
            "tomato soup|grilled fish|lamb stew|mushroom pie|apple cake|roast chicken|onion tart|bean salad|beef noodles|"
            "cheese plate|pea risotto|plum pudding",
            "carrot soup|duck curry|pear crumble", "lentil soup|smoked trout|fig tart|turkey burger",
        ),
    ),
    Topic(
        "travel", "the traveller", "the travel agent", "{city} Travel, good morning.",
        (
            Request("book a flight to {city}", ("Could you book me a flight to {city}?", "I need to fly to {city}.")),
            Request("find a hotel in {city}", ("I am looking for a hotel in {city}.", "Can you find me a hotel in {city}?")),
            Request("cancel the {item}", ("I have to cancel my {item}.", "Could you cancel the {item} for me?")),
        ),
        (
            Refusal("All the seats are gone, I am afraid.", "a lack of seats"),
            Refusal("The crew is on strike that week.", "a strike"),
            Refusal("A storm has closed the airport.", "a storm"),
        ),
        _items(
            "train ticket|bus tour|ferry crossing|rental car|night train|city tour|boat trip|hotel room|window seat|ski pass",
            "museum tour|sleeper cabin|airport shuttle", "harbour cruise|mountain tour|cable car ride",
        ),
    ),
    Topic(
        "health", "the patient", "the doctor", "Good morning, doctor's office.",
        (
            Request("arrange an appointment with Dr. {surname}", ("I need an appointment with Dr. {surname}.", "Can I see Dr. {surname}, please?")),
            Request("prescribe the {item}", ("Could you prescribe the {item} again?", "I need some more of the {item}.")),
            Request("explain how to take the {item}", ("How should I take the {item}?", "Could you tell me how to take the {item}?")),
        ),
        (
            Refusal("The doctor is away at a conference.", "a conference"),
            Refusal("We need your test results first.", "missing test results"),
            Refusal("The nurse is ill, so we see emergencies only.", "an ill nurse"),
        ),
        _items(
            "cough syrup|sleeping pills|eye drops|skin cream|vitamin tablets|iron tablets|throat spray|ear drops|painkillers|"
            "stomach powder|blood thinner|fever syrup",
            "nose spray|zinc tablets|herbal drops", "hay fever tablets|heart pills|knee ointment|migraine tablets",
        ),
        priced=False,
    ),
    Topic(
        "shopping", "the customer", "the shop assistant", "Hello, can I help you?",
        (
            Request("exchange the {quality} {item}", ("I would like to exchange this {quality} {item}.", "Could I swap the {quality} {item} for another one?")),
            Request("put the {quality} {item} aside", ("Could you put the {quality} {item} aside for me?", "Please keep the {quality} {item} for me.")),
            Request("wrap the {quality} {item}", ("Could you wrap the {quality} {item}?", "I will take the {quality} {item}, wrapped, please.")),
        ),
        (
            Refusal("I cannot do that without the receipt.", "a missing receipt"),
            Refusal("It is the last one, and it has been sold.", "an earlier sale"),
            Refusal("Our till is out of order, I am sorry.", "a broken till"),
        ),
        _items(
            "coat|jacket|scarf|lamp|teapot|handbag|carpet|mirror|vase|shirt|belt|hat|pair of boots|suitcase",
            "cardigan|umbrella|bowl", "waistcoat|kettle|rucksack|pair of sandals",
        ),
    ),
    Topic(
        "housing", "the tenant", "the landlord", "Hello, what can I do for you?",
        (
            Request("rent out the flat on {street} Street", ("Is the flat on {street} Street still free? I want to rent it.", "I would like to rent the flat on {street} Street.")),
            Request("repair the {item}", ("Something is wrong with the {item}. Could you repair it?", "Could you have the {item} repaired?")),
            Request("replace the {item}", ("Could you have the {item} replaced?", "I would like a new {item}.")),
        ),
        (
            Refusal("My builder has broken his arm.", "an injured builder"),
            Refusal("Someone else signed the contract this morning.", "another contract"),
            Refusal("The owner does not want any work done this year.", "the owner's wishes"),
        ),
        _items(
            "kitchen sink|front door|heater|bathroom window|shower|ceiling|balcony|garage door|bedroom wall|staircase|oven",
            "doorbell|cellar door|hall floor", "letter box|attic window|garden fence|water tank",
        ),
    ),
    Topic(
        "work", "the manager", "the assistant", "Yes, come in.",
        (
            Request("finish the report on {item}", ("Could you finish the report on {item}?", "I need the report on {item}.")),
            Request("move the meeting about {item}", ("Can we move the meeting about {item}?", "Please move the meeting about {item}.")),
            Request("call {name} about {item}", ("Please call {name} about {item}.", "Could you ring {name} about {item}?")),
        ),
        (
            Refusal("My computer has been down since this morning.", "a computer failure"),
            Refusal("I am still waiting for the figures.", "missing figures"),
            Refusal("I am on leave that day.", "a day of leave"),
        ),
        _items(
            "sales|the new budget|staff training|the annual audit|travel costs|the website|the merger|office space|exports|"
            "customer complaints|safety rules",
            "the pension plan|energy costs|the trade fair", "overtime|the spring campaign|recycling|the parking fees",
        ),
        priced=False,
    ),
    Topic(
        "school", "the student", "the teacher", "Hello, sit down, please.",
        (
            Request("read the essay on {item}", ("Would you read my essay on {item}?", "Could you look at my essay on {item}?")),
            Request("explain {item}", ("I did not understand {item}. Could you explain it?", "Could you explain {item} again?")),
            Request("lend out the book on {item}", ("May I borrow the book on {item}?", "Could you lend me the book on {item}?")),
        ),
        (
            Refusal("I have exams to mark all week.", "a week of exams"),
            Refusal("You missed the deadline, I am afraid.", "a missed deadline"),
            Refusal("The library has called all the books back.", "a library recall"),
        ),
        _items(
            "volcanoes|the French Revolution|fractions|poetry|the water cycle|electricity|ancient Egypt|grammar|planets|"
            "climate change|whales|the Vikings",
            "earthquakes|photosynthesis|triangles", "glaciers|the Silk Road|magnets|the Aztecs",
        ),
        priced=False,
    ),
    Topic(
        "banking", "the client", "the clerk", "{surname} Bank, how can I help?",
        (
            Request("open a {item}", ("I would like to open a {item}.", "Could you open a {item} for me?")),
            Request("send money to {name} in {city}", ("I want to send money to {name} in {city}.", "Could you send some money to {name} in {city}?")),
            Request("close the {item}", ("Please close my {item}.", "I do not need my {item} any more. Could you close it?")),
        ),
        (
            Refusal("Your passport has expired.", "an expired passport"),
            Refusal("There is not enough in the account.", "a lack of funds"),
            Refusal("Our system is being updated until tomorrow.", "a system update"),
        ),
        _items(
            "savings account|joint account|student account|travel account|current account|family account|gold account",
            "deposit account|farm account", "business account|youth account|charity account",
        ),
    ),
    Topic(
        "sport", "the member", "the coach", "Hi, good to see you at the {venue}.",
        (
            Request("play {item} at the {venue}", ("Shall we play {item} at the {venue}?", "Would you play {item} with me at the {venue}?")),
            Request("coach the {item} team", ("Could you coach my {item} team?", "We need someone to coach the {item} team.")),
            Request("lend out the {quality} {item} kit", ("Can I borrow the {quality} {item} kit?", "Could you lend me the {quality} {item} kit?")),
        ),
        (
            Refusal("I hurt my knee last week.", "a knee injury"),
            Refusal("The hall is flooded.", "a flooded hall"),
            Refusal("The team needs me for a match.", "a match"),
        ),
        _items(
            "tennis|football|chess|golf|table tennis|hockey|handball|basketball|cricket|darts|baseball|bowls",
            "squash|polo|rugby", "badminton|volleyball|lacrosse|softball",
        ),
    ),
    Topic(
        "cinema", "the host", "the friend", "Hello, nice to hear from you.",
        (
            Request("see the film {item}", ("Would you like to see the film {item}?", "Shall we see the film {item}?")),
            Request("get tickets for {item}", ("Could you get tickets for {item}?", "We still need tickets for {item}.")),
            Request("meet at the {venue}", ("Shall we meet at the {venue}?", "Let us meet at the {venue}.")),
        ),
        (
            Refusal("My parents are visiting me then.", "a family visit"),
            Refusal("I have seen it already.", "an earlier visit"),
            Refusal("I caught a bad cold.", "a cold"),
        ),
        _items(
            "Night Train|The Last Letter|Silent Snow|Two Brothers|Summer Rain|The Island|Dark Water|City Lights|Home Again|"
            "The Clockmaker|Long Road",
            "Broken Glass|The Visitor|Paper Wings", "Iron Coast|The Violin|Seven Doors|Moonless",
        ),
    ),
    Topic(
        "garage", "the driver", "the mechanic", "{surname} Motors, hello.",
        (
            Request("repair the {item}", ("The {item} makes a strange noise. Could you repair it?", "Could you repair the {item} of my car?")),
            Request("order a new {item}", ("Could you order a new {item} for my car?", "I need a new {item} for my car.")),
            Request("sell the {quality} van", ("I want you to sell my {quality} van.", "Could you sell the {quality} van for me?")),
        ),
        (
            Refusal("The part is no longer made.", "a missing part"),
            Refusal("My lift is broken.", "a broken lift"),
            Refusal("The workshop is closed for the holidays.", "the holidays"),
        ),
        _items(
            "brake|clutch|engine|back tyre|fuel pump|gearbox|radiator|horn|wiper|exhaust|headlight|battery",
            "fan belt|door lock|mudguard", "spark plug|side mirror|steering wheel|bumper",
        ),
    ),
    Topic(
        "post", "the sender", "the postman", "Post office, next, please.",
        (
            Request("send the {quality} {item} to {city}", ("I want to send this {quality} {item} to {city}.", "Could you send the {quality} {item} to {city}?")),
            Request("deliver the {item} to {street} Street", ("Please deliver the {item} to {street} Street.", "Could you bring the {item} to {street} Street?")),
            Request("look for the lost {item}", ("My {item} is lost. Could you look for it?", "Could you look for my lost {item}?")),
        ),
        (
            Refusal("It is too heavy for us.", "the weight"),
            Refusal("The address is not complete.", "an incomplete address"),
            Refusal("The road is blocked by snow.", "snow on the road"),
        ),
        _items(
            "parcel|letter|postcard|envelope|crate|box of books|painting|bicycle|guitar|birthday present|package",
            "trunk|magazine|drum", "telescope|hamper|violin|bundle",
        ),
    ),
    Topic(
        "family", "the parent", "the neighbour", "Oh, hello, come in.",
        (
            Request("look after {name}", ("Could you look after {name}?", "Would you mind looking after {name}?")),
            Request("fetch {name} from {street} Street", ("Could you fetch {name} from {street} Street?", "Someone has to fetch {name} from {street} Street.")),
            Request("feed the {item}", ("Would you feed our {item}?", "Could you feed the {item} while we are away?")),
        ),
        (
            Refusal("I will be at the dentist.", "a dentist's appointment"),
            Refusal("My car is at the garage.", "a car repair"),
            Refusal("We are moving house that day.", "a house move"),
        ),
        _items(
            "cat|dog|rabbits|parrot|goldfish|hens|pony|guinea pig|ducks|tortoise|two kittens",
            "hamster|geese|puppy", "canary|goats|lizard|three lambs",
        ),
        priced=False,
    ),
    Topic(
        "technology", "the user", "the technician", "Help desk, good afternoon.",
        (
            Request("fix the {item}", ("My {item} has stopped working. Could you fix it?", "Could you fix the {item}?")),
            Request("install the {item}", ("Could you install the {item}?", "I need help to install the {item}.")),
            Request("collect the old {item}", ("Could you collect my old {item}?", "Please collect the old {item}.")),
        ),
        (
            Refusal("The guarantee ran out last month.", "an expired guarantee"),
            Refusal("All our technicians are out today.", "a lack of technicians"),
            Refusal("The network is down.", "a network failure"),
        ),
        _items(
            "printer|laptop|router|scanner|camera|phone|tablet|screen|keyboard|alarm system|loudspeaker|copier|headset",
            "projector|modem|microphone", "webcam|hard disk|smart watch|fax machine",
        ),
    ),
)  # fmt: skip
