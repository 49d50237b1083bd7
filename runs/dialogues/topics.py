"""What the dialogues are about: 24 everyday topics that every split meets, and four that training never meets.

Each topic has roles, requests and reasons to refuse. Braces are blanks: {item} {quality} {n} {street} {city} {venue}
{surname} {name}. `{item}` draws from the topic's own list, whose three parts belong to the splits train, validation
and test. An unseen topic has things for the test split only, and its names, roles and things share no word with another
topic, so a model can name them only by copying. What its helper says to refuse holds the reason word for word; of the
seen topics' refusals about half do, and the others must be reworded.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """A deed in parts, as the summary names it, and the ways a speaker may ask for it.

    Every blank of the deed stands in each of the ways, so that the dialogue tells what fills it.
    """

    verb: str
    thing: str
    rest: str = ""
    asked: tuple[str, ...] = ()

    @property
    def deed(self) -> str:
        """The parts in order: "put", "the {quality} {item}" and "aside" make "put the {quality} {item} aside"."""
        return " ".join(part for part in (self.verb, self.thing, self.rest) if part)


@dataclass(frozen=True)
class Refusal:
    """A reason as it is spoken, and as the summary names it after "because of"."""

    spoken: str
    named: str


@dataclass(frozen=True)
class Topic:
    """One topic. `asker` and `helper` are roles; `items` are for train, validation, test; training skips unseen ones."""

    name: str
    asker: str
    helper: str
    welcome: str
    requests: tuple[Request, ...]
    refusals: tuple[Refusal, ...]
    items: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    priced: bool = True
    seen: bool = True


def _items(train: str, validation: str, test: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(part.split("|")) if part else () for part in (train, validation, test))


TOPICS = (
    Topic(
        "restaurant", "the guest", "the waiter", "Welcome to the {venue}.",
        (
            Request("reserve", "a table", "for {n}", ("Could you reserve a table for {n}?", "We would like a table for {n}.")),
            Request("bring", "the {item}", "", ("Could you bring me the {item}?", "I will have the {item}, please.")),
            Request("change", "the order", "to the {item}", ("Could I have the {item} instead?", "I would rather have the {item} now.")),
            Request("pack", "the {item}", "to take away", ("Could you pack the {item} to take away?", "I would like the {item} to take away, please.")),
        ),
        (
            Refusal("I am afraid every table is taken.", "a full house"),
            Refusal("Sorry, the kitchen has just closed.", "a closed kitchen"),
            Refusal("We have run out, I am sorry.", "an empty pantry"),
            Refusal("We had to stop serving because of a burst pipe.", "a burst pipe"),
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
            Request("book", "a flight", "to {city}", ("Could you book me a flight to {city}?", "I need to fly to {city}.")),
            Request("find", "a hotel", "in {city}", ("I am looking for a hotel in {city}.", "Can you find me a hotel in {city}?")),
            Request("cancel", "the {item}", "", ("I have to cancel my {item}.", "Could you cancel the {item} for me?")),
            Request("confirm", "the {item}", "", ("I would like to confirm my {item}.", "Could you confirm the {item} for me?")),
        ),
        (
            Refusal("All the seats are gone, I am afraid.", "a lack of seats"),
            Refusal("The crew is on strike that week.", "a strike"),
            Refusal("A storm has closed the airport.", "a storm"),
            Refusal("There is a closed border on the way.", "a closed border"),
        ),
        _items(
            "train ticket|bus tour|ferry crossing|rental car|night train|city tour|boat trip|hotel room|window seat|ski pass|"
            "coach seat|beach holiday",
            "museum tour|sleeper cabin|airport shuttle", "harbour cruise|mountain tour|cable car ride|river safari",
        ),
    ),
    Topic(
        "health", "the patient", "the doctor", "Good morning, doctor's office.",
        (
            Request("arrange", "an appointment", "with Dr. {surname}", ("I need an appointment with Dr. {surname}.", "Can I see Dr. {surname}, please?")),
            Request("prescribe", "the {item}", "", ("Could you prescribe the {item} again?", "I need some more of the {item}.")),
            Request("explain how to take", "the {item}", "", ("How should I take the {item}?", "Could you tell me how to take the {item}?")),
            Request("send", "the {item}", "to {street} Street",
                    ("Could you send the {item} to {street} Street?", "I would like the {item} sent to {street} Street.")),
        ),
        (
            Refusal("The doctor is away at a conference.", "a conference"),
            Refusal("We need your test results first.", "missing test results"),
            Refusal("The nurse is ill, so we see emergencies only.", "an ill nurse"),
            Refusal("We are short of staff after a flu outbreak.", "a flu outbreak"),
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
            Request("exchange", "the {quality} {item}", "",
                    ("I would like to exchange this {quality} {item}.", "Could I swap the {quality} {item} for another one?")),
            Request("put", "the {quality} {item}", "aside", ("Could you put the {quality} {item} aside for me?", "Please keep the {quality} {item} for me.")),
            Request("wrap", "the {quality} {item}", "", ("Could you wrap the {quality} {item}?", "I will take the {quality} {item}, wrapped, please.")),
            Request("order", "another {quality} {item}", "",
                    ("Could you order another {quality} {item}?", "I need another {quality} {item}. Could you order one?")),
        ),
        (
            Refusal("I cannot do that without the receipt.", "a missing receipt"),
            Refusal("It is the last one, and it has been sold.", "an earlier sale"),
            Refusal("Our till is out of order, I am sorry.", "a broken till"),
            Refusal("We are still waiting for a late delivery.", "a late delivery"),
        ),
        _items(
            "coat|jacket|scarf|lamp|teapot|handbag|carpet|mirror|vase|shirt|belt|hat|pair of boots|suitcase",
            "cardigan|umbrella|bowl", "waistcoat|kettle|rucksack|pair of sandals",
        ),
    ),
    Topic(
        "housing", "the tenant", "the landlord", "Hello, what can I do for you?",
        (
            Request("let", "the flat", "on {street} Street",
                    ("Is the flat on {street} Street still free? I want to rent it.", "I would like to rent the flat on {street} Street.")),
            Request("repair", "the {item}", "", ("Something is wrong with the {item}. Could you repair it?", "Could you have the {item} repaired?")),
            Request("replace", "the {item}", "", ("Could you have the {item} replaced?", "I would like a new {item}.")),
            Request("check", "the {item}", "", ("Could you come and check the {item}?", "I would like to have the {item} checked.")),
        ),
        (
            Refusal("My builder has broken his arm.", "an injured builder"),
            Refusal("Someone else signed the contract this morning.", "another contract"),
            Refusal("The owner does not want any work done this year.", "the owner's wishes"),
            Refusal("There is a gas leak in the building.", "a gas leak"),
        ),
        _items(
            "kitchen sink|front door|heater|bathroom window|shower|ceiling|balcony|garage door|bedroom wall|staircase|oven|"
            "kitchen tap",
            "doorbell|cellar door|hall floor", "letter box|attic window|garden fence|water tank",
        ),
    ),
    Topic(
        "work", "the manager", "the assistant", "Yes, come in.",
        (
            Request("finish", "the report on {item}", "", ("Could you finish the report on {item}?", "I need the report on {item}.")),
            Request("move", "the meeting about {item}", "", ("Can we move the meeting about {item}?", "Please move the meeting about {item}.")),
            Request("call", "{name}", "about {item}", ("Please call {name} about {item}.", "Could you ring {name} about {item}?")),
            Request("prepare", "the speech on {item}", "",
                    ("Could you prepare the speech on {item}?", "I have to give the speech on {item}. Please prepare it.")),
        ),
        (
            Refusal("My computer has been down since this morning.", "a computer failure"),
            Refusal("I am still waiting for the figures.", "missing figures"),
            Refusal("I am on leave that day.", "a day of leave"),
            Refusal("I am tied up with an urgent order.", "an urgent order"),
        ),
        _items(
            "sales|the new budget|staff training|the annual audit|travel costs|the website|the merger|office space|exports|"
            "customer complaints|safety rules|the canteen",
            "the pension plan|energy costs|the trade fair", "overtime|the spring campaign|recycling|the parking fees",
        ),
        priced=False,
    ),
    Topic(
        "school", "the student", "the teacher", "Hello, sit down, please.",
        (
            Request("read", "the essay on {item}", "", ("Would you read my essay on {item}?", "Could you look at my essay on {item}?")),
            Request("explain", "{item}", "", ("I did not understand {item}. Could you explain it?", "Could you explain {item} again?")),
            Request("lend", "the book on {item}", "", ("May I borrow the book on {item}?", "Could you lend me the book on {item}?")),
            Request("give", "a talk on {item}", "", ("Would you give a talk on {item}?", "We would love to hear a talk on {item}. Could you give one?")),
        ),
        (
            Refusal("I have exams to mark all week.", "a week of exams"),
            Refusal("You missed the deadline, I am afraid.", "a missed deadline"),
            Refusal("The library has called all the books back.", "a library recall"),
            Refusal("I will be away on a school trip.", "a school trip"),
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
            Request("open", "a {item}", "", ("I would like to open a {item}.", "Could you open a {item} for me?")),
            Request("send", "money", "to {name} in {city}", ("I want to send money to {name} in {city}.", "Could you send some money to {name} in {city}?")),
            Request("close", "the {item}", "", ("Please close my {item}.", "I do not need my {item} any more. Could you close it?")),
            Request("move", "the money", "to the {item}", ("Could you move the money to the {item}?", "I would like the money moved to my {item}.")),
        ),
        (
            Refusal("Your passport has expired.", "an expired passport"),
            Refusal("There is not enough in the account.", "a lack of funds"),
            Refusal("Our system is being updated until tomorrow.", "a system update"),
            Refusal("There has been a case of fraud.", "a case of fraud"),
        ),
        _items(
            "savings account|joint account|student account|travel account|current account|family account|gold account|"
            "pension account|holiday account|silver account|dollar account|senior account",
            "deposit account|farm account|club account", "business account|youth account|charity account|trust account",
        ),
    ),
    Topic(
        "sport", "the member", "the coach", "Hi, good to see you at the {venue}.",
        (
            Request("play", "{item}", "at the {venue}", ("Shall we play {item} at the {venue}?", "Would you play {item} with me at the {venue}?")),
            Request("coach", "the {item} team", "", ("Could you coach my {item} team?", "We need someone to coach the {item} team.")),
            Request("lend", "the {quality} {item} kit", "", ("Can I borrow the {quality} {item} kit?", "Could you lend me the {quality} {item} kit?")),
            Request("teach", "{item}", "to {name}", ("Could you teach {item} to {name}?", "I want you to teach {item} to {name}.")),
        ),
        (
            Refusal("I hurt my knee last week.", "a knee injury"),
            Refusal("The hall is flooded.", "a flooded hall"),
            Refusal("The team needs me for a match.", "a match"),
            Refusal("I will be away at a training camp.", "a training camp"),
        ),
        _items(
            "tennis|football|chess|golf|table tennis|hockey|handball|basketball|cricket|darts|baseball|bowls",
            "squash|polo|rugby", "badminton|volleyball|lacrosse|softball",
        ),
    ),
    Topic(
        "cinema", "the host", "the friend", "Hello, nice to hear from you.",
        (
            Request("see", "the film {item}", "", ("Would you like to see the film {item}?", "Shall we see the film {item}?")),
            Request("get", "tickets", "for {item}", ("Could you get tickets for {item}?", "We still need tickets for {item}.")),
            Request("meet at", "the {venue}", "", ("Shall we meet at the {venue}?", "Let us meet at the {venue}.")),
            Request("buy", "the poster of {item}", "", ("Could you buy the poster of {item}?", "I want the poster of {item}. Could you buy it for me?")),
        ),
        (
            Refusal("My parents are visiting me then.", "a family visit"),
            Refusal("I have seen it already.", "an earlier visit"),
            Refusal("I caught a bad cold.", "a cold"),
            Refusal("I am down for a late shift.", "a late shift"),
        ),
        _items(
            "Night Ferry|The Last Letter|Silent Snow|Two Brothers|Summer Rain|The Island|Dark Water|City Lights|Home Again|"
            "The Clockmaker|Long Road|Winter Light",
            "Broken Glass|The Visitor|Paper Wings", "Iron Coast|The Ferryman|Seven Doors|Moonless",
        ),
    ),
    Topic(
        "garage", "the driver", "the mechanic", "{surname} Motors, hello.",
        (
            Request("repair", "the {item}", "", ("The {item} makes a strange noise. Could you repair it?", "Could you repair the {item} of my car?")),
            Request("order", "a new {item}", "", ("Could you order a new {item} for my car?", "I need a new {item} for my car.")),
            Request("sell", "the {quality} van", "", ("I want you to sell my {quality} van.", "Could you sell the {quality} van for me?")),
            Request("clean", "the {item}", "", ("Could you clean the {item} of my car?", "The {item} is covered in mud. Please clean it.")),
        ),
        (
            Refusal("The part is no longer made.", "a missing part"),
            Refusal("My lift is broken.", "a broken lift"),
            Refusal("The workshop is closed for the holidays.", "the holidays"),
            Refusal("We cannot work because of a power cut.", "a power cut"),
        ),
        _items(
            "brake|clutch|engine|back tyre|fuel pump|gearbox|radiator|horn|wiper|exhaust|headlight|battery",
            "fan belt|door lock|mudguard", "spark plug|side mirror|steering wheel|bumper",
        ),
    ),
    Topic(
        "post", "the sender", "the postman", "Post office, next, please.",
        (
            Request("send", "the {quality} {item}", "to {city}",
                    ("I want to send this {quality} {item} to {city}.", "Could you send the {quality} {item} to {city}?")),
            Request("deliver", "the {item}", "to {street} Street",
                    ("Please deliver the {item} to {street} Street.", "Could you bring the {item} to {street} Street?")),
            Request("look for", "the lost {item}", "", ("My {item} is lost. Could you look for it?", "Could you look for my lost {item}?")),
            Request("weigh", "the {quality} {item}", "", ("Could you weigh the {quality} {item}?", "I would like to have the {quality} {item} weighed.")),
        ),
        (
            Refusal("It is too heavy for us.", "the weight"),
            Refusal("The address is not complete.", "an incomplete address"),
            Refusal("The road is blocked by snow.", "snow on the road"),
            Refusal("Everything is held back by a customs check.", "a customs check"),
        ),
        _items(
            "parcel|letter|postcard|envelope|crate|box of books|painting|bicycle|guitar|birthday present|package|gift box",
            "trunk|magazine|drum", "telescope|hamper|violin|bundle",
        ),
    ),
    Topic(
        "family", "the parent", "the neighbour", "Oh, hello, come in.",
        (
            Request("look after", "{name}", "", ("Could you look after {name}?", "Would you mind looking after {name}?")),
            Request("fetch", "{name}", "from {street} Street",
                    ("Could you fetch {name} from {street} Street?", "Someone has to fetch {name} from {street} Street.")),
            Request("feed", "the {item}", "", ("Would you feed our {item}?", "Could you feed the {item} while we are away?")),
            Request("help", "{name}", "with the homework", ("Could you help {name} with the homework?", "{name} is stuck with the homework. Could you help?")),
        ),
        (
            Refusal("I will be at the dentist.", "a dentist's appointment"),
            Refusal("My car is at the garage.", "a car repair"),
            Refusal("We are moving house that day.", "a house move"),
            Refusal("I have promised to be at a birthday party.", "a birthday party"),
        ),
        _items(
            "cat|dog|rabbits|parrot|goldfish|hens|pony|guinea pig|ducks|tortoise|two kittens|hedgehog",
            "hamster|geese|puppy", "canary|goats|lizard|three lambs",
        ),
        priced=False,
    ),
    Topic(
        "technology", "the user", "the technician", "Help desk, good afternoon.",
        (
            Request("fix", "the {item}", "", ("My {item} has stopped working. Could you fix it?", "Could you fix the {item}?")),
            Request("install", "the {item}", "", ("Could you install the {item}?", "I need help to install the {item}.")),
            Request("collect", "the old {item}", "", ("Could you collect my old {item}?", "Please collect the old {item}.")),
            Request("test", "the {item}", "", ("Could you test the {item}?", "I would like to have the {item} tested.")),
        ),
        (
            Refusal("The guarantee ran out last month.", "an expired guarantee"),
            Refusal("All our technicians are out today.", "a lack of technicians"),
            Refusal("The network is down.", "a network failure"),
            Refusal("We are all busy with a security breach.", "a security breach"),
        ),
        _items(
            "printer|laptop|router|scanner|camera|phone|tablet|screen|keyboard|alarm system|loudspeaker|copier|headset",
            "projector|modem|microphone", "webcam|hard disk|smart watch|fax machine",
        ),
    ),
    Topic(
        "library", "the reader", "the librarian", "{city} Library, good afternoon.",
        (
            Request("renew", "the {item}", "", ("Could you renew the {item} for me?", "I need the {item} a little longer. Could you renew it?")),
            Request("reserve", "the {quality} {item}", "", ("Could you reserve the {quality} {item} for me?", "I would like to reserve the {quality} {item}.")),
            Request("find", "the {item}", "for {name}", ("Could you find the {item} for {name}?", "{name} is looking for the {item}. Could you find it?")),
            Request("order", "the {item}", "from {city}",
                    ("Could you order the {item} from {city}?", "The {item} is only in {city}. Could you order it from there?")),
        ),
        (
            Refusal("Another reader asked before you.", "a waiting list"),
            Refusal("There is an unpaid fine on your card.", "an unpaid fine"),
            Refusal("We are closing for an inventory.", "an inventory"),
            Refusal("It cannot leave the house after water damage.", "water damage"),
        ),
        _items(
            "road map|dictionary|cookbook|crime novel|comic|biography|picture book|travel guide|encyclopedia|audiobook|almanac|"
            "fairy tale|spy story",
            "diary|ghost story|phrase book", "love story|sea novel|pamphlet|chronicle|anthology",
        ),
        priced=False,
    ),
    Topic(
        "gardening", "the homeowner", "the gardener", "{surname} Gardens, hello.",
        (
            Request("plant", "the {item}", "", ("Could you plant the {item} for me?", "I would like you to plant the {item}.")),
            Request("water", "the {item}", "", ("Could you water the {item} while I am away?", "Someone has to water the {item}. Could you do it?")),
            Request("trim", "the {item}", "", ("Could you trim the {item}?", "I would like to have the {item} trimmed.")),
            Request("remove", "the {item}", "from {street} Street",
                    ("Could you remove the {item} from {street} Street?", "I want the {item} removed from {street} Street.")),
        ),
        (
            Refusal("The ground is frozen hard.", "the frost"),
            Refusal("I have to rest because of a bad back.", "a bad back"),
            Refusal("The town has ordered a water ban.", "a water ban"),
            Refusal("There is a wasp nest in the way.", "a wasp nest"),
        ),
        _items(
            "rose bush|apple tree|hedge|ivy|lavender|tulips|ferns|lilac|cherry tree|strawberry plants|sunflowers|holly|willow",
            "jasmine|daisies|walnut tree", "magnolia|pansies|maple|blackberry bush|orchids",
        ),
    ),
    Topic(
        "wedding", "the cousin", "the planner", "{surname} Weddings, hello.",
        (
            Request("order", "the {quality} {item}", "", ("Could you order the {quality} {item}?", "We have chosen the {quality} {item}. Please order it.")),
            Request("hire", "a band", "for {n} hours", ("Could you hire a band for {n} hours?", "We need a band for {n} hours.")),
            Request("book", "the {venue}", "", ("Could you book the {venue} for the wedding?", "We want to hold the party at the {venue}. Could you book it?")),
            Request("invite", "{name}", "from {city}", ("Could you invite {name} from {city}?", "Please send an invitation to {name} from {city}.")),
        ),
        (
            Refusal("Two other couples have asked before you.", "earlier bookings"),
            Refusal("I am afraid there is a clash of dates.", "a clash of dates"),
            Refusal("The town has a noise rule.", "a noise rule"),
            Refusal("We still have a gap in the budget.", "a gap in the budget"),
        ),
        _items(
            "bouquet|wedding ring|veil|bridal gown|flower arch|guest book|candle stand|cake knife|ring cushion|photo album|"
            "balloon|wedding carriage|seating plan",
            "garland|tiara|dance floor", "flower basket|marquee|chandelier|silk ribbon|photo booth",
        ),
    ),
    Topic(
        "museum", "the visitor", "the curator", "Welcome to the {city} Museum.",
        (
            Request("show", "the {quality} {item}", "",
                    ("Could you show us the {quality} {item}?", "We have come for the {quality} {item}. Could you show it to us?")),
            Request("lend", "the {item}", "to {city}", ("Could you lend the {item} to {city}?", "The museum in {city} would like to borrow the {item}.")),
            Request("guide", "a group of {n}", "", ("Could you guide a group of {n}?", "We are a group of {n} and need a guide.")),
            Request("photograph", "the {item}", "", ("Could you photograph the {item} for me?", "I need a picture of the {item}. Could you photograph it?")),
        ),
        (
            Refusal("The whole floor is being painted.", "building work"),
            Refusal("There was a break-in last night.", "a break-in"),
            Refusal("The room is shut after an alarm fault.", "an alarm fault"),
            Refusal("We are getting ready for a royal visit.", "a royal visit"),
        ),
        _items(
            "Roman coin|stone axe|mummy|dinosaur skull|clay pot|silver crown|whale bone|marble bust|sword|royal cloak|mosaic|"
            "parchment|steam engine|shield",
            "mammoth tusk|wooden idol|war flag", "bronze helmet|amber necklace|totem pole|stuffed owl|cave drawing",
        ),
    ),
    Topic(
        "moving", "the newcomer", "the mover", "{surname} Removals, good day.",
        (
            Request("carry", "the {quality} {item}", "upstairs",
                    ("Could you carry the {quality} {item} upstairs?", "I need someone to carry the {quality} {item} upstairs.")),
            Request("take", "the {item}", "to {city}", ("Could you take the {item} to {city}?", "The {item} has to go to {city}. Could you take it there?")),
            Request("load", "the {item}", "first", ("Please load the {item} first.", "I want the {item} to be loaded first.")),
            Request("send", "{n} helpers", "to {street} Street",
                    ("Could you send {n} helpers to {street} Street?", "We need {n} helpers on {street} Street. Please send them.")),
        ),
        (
            Refusal("We will never get round the corner in your hall.", "the narrow hall"),
            Refusal("There is a parking ban in your street.", "a parking ban"),
            Refusal("I am off work with a sprained wrist.", "a sprained wrist"),
            Refusal("Our lorry is stuck in a traffic jam.", "a traffic jam"),
        ),
        _items(
            "piano|wardrobe|sofa|desk|bookcase|fridge|double bed|mattress|washing machine|armchair|dining table|"
            "tool chest|rug|cupboard",
            "sideboard|grandfather clock|freezer", "dresser|bunk bed|rocking chair|aquarium|filing cabinet",
        ),
    ),
    Topic(
        "market", "the buyer", "the farmer", "Fresh from the farm, good morning.",
        (
            Request("keep", "a box of {item}", "", ("Could you keep a box of {item} for me?", "I would like you to keep me a box of {item}.")),
            Request("deliver", "{n} boxes of {item}", "", ("Could you deliver {n} boxes of {item}?", "I need {n} boxes of {item} delivered.")),
            Request("take", "the {item}", "back", ("Could you take the {item} back?", "I am not happy with the {item}. Please take them back.")),
            Request("wash", "the {item}", "", ("Could you wash the {item} for me?", "I would like to have the {item} washed, please.")),
        ),
        (
            Refusal("It was so dry that nothing has grown.", "the dry summer"),
            Refusal("We have had a poor harvest.", "a poor harvest"),
            Refusal("I have to go home to a sick cow.", "a sick cow"),
            Refusal("We have nothing to spare after a large order.", "a large order"),
        ),
        _items(
            "potatoes|eggs|cabbages|onions|cherries|pears|green beans|leeks|plums|radishes|walnuts|turnips|apples",
            "gooseberries|parsnips|beetroots", "apricots|chestnuts|cucumbers|raspberries|pumpkins",
        ),
    ),
    Topic(
        "newspaper", "the editor", "the reporter", "Newsroom, good evening.",
        (
            Request("write", "a story about {item}", "", ("Could you write a story about {item}?", "We need a story about {item}.")),
            Request("interview", "{name}", "about {item}", ("Could you interview {name} about {item}?", "I want an interview with {name} about {item}.")),
            Request("check", "the rumour about {item}", "", ("Could you check the rumour about {item}?", "Is the rumour about {item} true? Please check it.")),
            Request("photograph", "the crowd", "at the {venue}",
                    ("Could you photograph the crowd at the {venue}?", "We need a picture of the crowd at the {venue}.")),
        ),
        (
            Refusal("The page is already full.", "a lack of space"),
            Refusal("Our lawyers have warned us of a court case.", "a court case"),
            Refusal("I am working on a bigger story.", "a bigger story"),
            Refusal("We are still dealing with a printing error.", "a printing error"),
        ),
        _items(
            "the flood|the election|the bank robbery|the harbour fire|the football final|the train crash|the heat wave|"
            "the new bridge|the mayor|house prices|the film prize|the school reform|the lost dog",
            "the city marathon|the bus accident|milk prices", "the tunnel|fuel taxes|the hospital scandal|the lottery winner|the jewel thief",
        ),
        priced=False,
    ),
    Topic(
        "insurance", "the policyholder", "the adviser", "{surname} Insurance, good afternoon.",
        (
            Request("insure", "the {quality} {item}", "", ("Could you insure the {quality} {item}?", "I want to insure my {quality} {item}.")),
            Request("pay for", "the damaged {item}", "", ("Will you pay for the damaged {item}?", "My {item} has been damaged. Could you pay for it?")),
            Request("inspect", "the {item}", "on {street} Street",
                    ("Could you inspect the {item} on {street} Street?", "Someone should inspect the {item} on {street} Street.")),
            Request("extend", "the cover for the {item}", "",
                    ("Could you extend the cover for the {item}?", "The cover for my {item} runs out soon. Please extend it.")),
        ),
        (
            Refusal("You paid the last bill far too late.", "a late payment"),
            Refusal("The form has a missing signature.", "a missing signature"),
            Refusal("Our experts speak of a false claim.", "a false claim"),
            Refusal("That is ruled out because of a flood risk.", "a flood risk"),
        ),
        _items(
            "motorcycle|houseboat|barn|jewellery box|sports car|racehorse|greenhouse|shop window|holiday home|roof|tractor|"
            "stamp collection|cottage",
            "stable|sailboat|coin collection", "windmill|antique globe|hang glider|delivery truck|summer house",
        ),
    ),
    Topic(
        "music", "the singer", "the conductor", "{city} Orchestra, good evening.",
        (
            Request("tune", "the {quality} {item}", "", ("Could you tune the {quality} {item}?", "The {quality} {item} sounds wrong. Could you tune it?")),
            Request("teach", "the {item}", "to {name}", ("Could you teach the {item} to {name}?", "{name} wants to learn the {item}. Could you teach it?")),
            Request("play", "the {item}", "at the {venue}",
                    ("Would you play the {item} at the {venue}?", "We need someone to play the {item} at the {venue}.")),
            Request("practise", "the song", "with {name}",
                    ("Could you practise the song with {name}?", "{name} does not know the song yet. Could you practise it together?")),
        ),
        (
            Refusal("The people next door have complained again.", "the neighbours"),
            Refusal("I am in bed with a sore throat.", "a sore throat"),
            Refusal("I cannot play with a cut finger.", "a cut finger"),
            Refusal("We are leaving for a concert tour.", "a concert tour"),
        ),
        _items(
            "harp|flute|cello|organ|trumpet|banjo|clarinet|accordion|double bass|lute|oboe|harmonica|saxophone",
            "trombone|mandolin|bagpipe", "tuba|xylophone|ukulele|zither|bassoon",
        ),
    ),
    Topic(
        "camping", "the camper", "the warden", "Welcome to the {venue} campsite.",
        (
            Request("lend", "the {quality} {item}", "to {name}",
                    ("Could you lend the {quality} {item} to {name}?", "{name} would like to borrow the {quality} {item}.")),
            Request("keep", "a place", "for {n} tents", ("Could you keep a place for {n} tents?", "We need a place for {n} tents.")),
            Request("mend", "the {item}", "", ("Could you mend the {item}?", "The {item} is broken. Could you mend it?")),
            Request("bring", "the {item}", "to the {venue}",
                    ("Could you bring the {item} to the {venue}?", "We need the {item} at the {venue}. Please bring it.")),
        ),
        (
            Refusal("Bears have been seen in the woods.", "the bears"),
            Refusal("We are closed because of a forest fire.", "a forest fire"),
            Refusal("The radio has given a flood warning.", "a flood warning"),
            Refusal("I have my hands full with a scout group.", "a scout group"),
        ),
        _items(
            "tent|camp stove|sleeping bag|canoe|hammock|cool box|torch|air bed|fishing rod|water bottle|folding chair|"
            "rain cover|cooking pot|gas lamp",
            "tent pole|picnic table|paddle", "life jacket|rubber raft|camping mat|walking stick|grill",
        ),
    ),
    Topic(
        "astronomy", "the stargazer", "the astronomer", "Observatory, good evening.",
        (
            Request("describe", "the {item}", "", ("Could you describe the {item}?", "Please describe the {item} to us.")),
            Request("sketch", "the {item}", "for {name}", ("Could you sketch the {item} for {name}?", "I would like you to sketch the {item} for {name}.")),
            Request("name", "the {item}", "after {name}", ("Could you name the {item} after {name}?", "We want you to name the {item} after {name}.")),
            Request("measure", "the {item}", "from {city}", ("Could you measure the {item} from {city}?", "Please measure the {item} from {city}.")),
        ),
        (
            Refusal("I cannot, because of a cracked lens.", "a cracked lens"),
            Refusal("The night is spoilt by an overcast sky.", "an overcast sky"),
            Refusal("We are stuck with a jammed dome.", "a jammed dome"),
            Refusal("I can see nothing through a dense haze.", "a dense haze"),
        ),
        _items(
            "", "",
            "comet|nebula|galaxy|supernova|asteroid|pulsar|quasar|constellation|meteor|satellite|protostar|eclipse|solar flare|"
            "crater",
        ),
        priced=False, seen=False,
    ),
    Topic(
        "lighthouse", "the captain", "the keeper", "Lighthouse, good evening.",
        (
            Request("polish", "the {quality} {item}", "", ("Could you polish the {quality} {item}?", "Please polish the {quality} {item}.")),
            Request("lower", "the {item}", "to the rocks", ("Could you lower the {item} to the rocks?", "Please lower the {item} to the rocks.")),
            Request("signal to", "the schooner", "from {city}",
                    ("Could you signal to the schooner from {city}?", "Please signal to the schooner from {city}.")),
            Request("ship", "the {item}", "to {city}", ("Could you ship the {item} to {city}?", "I would like you to ship the {item} to {city}.")),
        ),
        (
            Refusal("The steps are cut off by a rising tide.", "a rising tide"),
            Refusal("I am busy with a stranded trawler.", "a stranded trawler"),
            Refusal("The path is gone after a rockfall.", "a rockfall"),
            Refusal("I cannot, because of a jellyfish sting.", "a jellyfish sting"),
        ),
        _items(
            "", "",
            "foghorn|barometer|dinghy|cutlass|compass|buoy|winch|porthole|lifebelt|spyglass|harpoon|oar|gangway|tide gauge",
        ),
        seen=False,
    ),
    Topic(
        "tailoring", "the diplomat", "the tailor", "{surname} and Sons, good day.",
        (
            Request("shorten", "the {quality} {item}", "", ("Could you shorten the {quality} {item}?", "Please shorten the {quality} {item} a little.")),
            Request("line", "the {item}", "with velvet", ("Could you line the {item} with velvet?", "I would like you to line the {item} with velvet.")),
            Request("sew", "the badge", "onto the {item}", ("Could you sew the badge onto the {item}?", "Please sew the badge onto the {item}.")),
            Request("alter", "the {item}", "for {name}", ("Could you alter the {item} for {name}?", "I need you to alter the {item} for {name}.")),
        ),
        (
            Refusal("I cannot sew with a blunt needle.", "a blunt needle"),
            Refusal("I have lost my day to tangled yarn.", "tangled yarn"),
            Refusal("I am fighting a plague of moths.", "a plague of moths"),
            Refusal("My sewing machine has a bent bobbin.", "a bent bobbin"),
        ),
        _items(
            "", "",
            "tuxedo|kilt|blazer|tunic|petticoat|cape|uniform|corset|robe|apron|bow tie|kimono|toga|cravat|jumpsuit",
        ),
        seen=False,
    ),
    Topic(
        "bakery", "the innkeeper", "the baker", "Bakery, good morning.",
        (
            Request("bake", "the {item}", "without sugar", ("Could you bake the {item} without sugar?", "Please bake the {item} without sugar.")),
            Request("slice", "the {quality} {item}", "", ("Could you slice the {quality} {item}?", "I would like you to slice the {quality} {item}.")),
            Request("decorate", "the {item}", "for {name}", ("Could you decorate the {item} for {name}?", "Please decorate the {item} for {name}.")),
            Request("knead", "the dough", "for {n} loaves", ("Could you knead the dough for {n} loaves?", "I need you to knead the dough for {n} loaves.")),
        ),
        (
            Refusal("The whole room smells of a burnt crust.", "a burnt crust"),
            Refusal("Nothing will rise, because of stale yeast.", "stale yeast"),
            Refusal("I have to throw everything out because of mouldy flour.", "mouldy flour"),
            Refusal("We are held up by a sooty flue.", "a sooty flue"),
        ),
        _items(
            "", "",
            "brioche|croissant|pretzel|bagel|baguette|muffin|doughnut|scone|strudel|cinnamon bun|rye loaf|gingerbread|waffle|"
            "macaroon|eclair",
        ),
        seen=False,
    ),
)  # fmt: skip
