"""What the shop's customers write about: six departments, in the form of `topics`; no split shares its goods."""

from runs.dialogues.topics import Refusal, Request, Topic

ROLES = ("the customer", "the agent")
EXCHANGE = Request(
    "exchange", "the {quality} {item}", "",
    ("I would like to exchange the {quality} {item}.", "Could I swap the {quality} {item} for another one?"),
)  # fmt: skip
REPAIR = Request(
    "repair", "the {quality} {item}", "",
    ("The {quality} {item} broke. Could you repair it?", "Could you have the {quality} {item} repaired?"),
)  # fmt: skip
COLLECT = Request(
    "collect", "the {item}", "from {street} Street",
    ("Could you collect the {item} from {street} Street?", "Please pick up the {item} from {street} Street."),
)  # fmt: skip
SEND = Request(
    "send", "the {item}", "to {city}",
    ("Could you send the {item} to {city}?", "I have moved. Please send the {item} to {city}."),
)  # fmt: skip
CANCEL = Request(
    "cancel", "the purchase of the {item}", "",
    ("I want to cancel the purchase of the {item}.", "Please cancel the purchase of the {item}."),
)  # fmt: skip
REFUND = Request(
    "refund", "the {item}", "", ("I want my money back for the {item}.", "Could you refund the {item}, please?")
)  # fmt: skip
REASONS = (
    Refusal("I cannot do that without the receipt.", "a missing receipt"),
    Refusal("The thirty days are over, I am afraid.", "a missed deadline"),
    Refusal("I am sorry, our van has broken down.", "a broken van"),
    Refusal("The parcel has left our house already.", "an earlier dispatch"),
    Refusal("Our workshop is closed for repairs.", "a closed workshop"),
    Refusal("We are still waiting for a late delivery.", "a late delivery"),
    Refusal("The seal of the box was broken, I see.", "a broken seal"),
    Refusal("The whole depot is on strike.", "a strike"),
)


def _department(name: str, requests: tuple[Request, ...], *goods: str) -> Topic:
    """goods: for train, validation and test."""
    items = tuple(tuple(part.split("|")) for part in goods)
    return Topic(name, *ROLES, f"{name.capitalize()} department, hello.", requests, REASONS, items)


DEPARTMENTS = (
    _department(
        "clothing", (EXCHANGE, COLLECT, SEND, CANCEL, REFUND),
        "coat|jacket|scarf|shirt|belt|hat|jumper|skirt|dress|tie", "cardigan|blouse|shawl",
        "waistcoat|hoodie|vest|anorak",
    ),
    _department(
        "kitchen", (EXCHANGE, REPAIR, COLLECT, SEND, REFUND),
        "teapot|toaster|mixer|oven|fridge|pan|grill|kettle|blender|scale", "bowl|coffee mill|freezer",
        "juicer|rice cooker|wok|dishwasher",
    ),
    _department(
        "furniture", (EXCHANGE, REPAIR, COLLECT, CANCEL, REFUND),
        "lamp|carpet|mirror|shelf|chair|desk|sofa|wardrobe|mattress|cupboard", "stool|bench|drawer",
        "bookcase|armchair|footrest|sideboard",
    ),
    _department(
        "electronics", (EXCHANGE, REPAIR, SEND, CANCEL, REFUND),
        "radio|camera|phone|printer|laptop|keyboard|monitor|speaker|charger|router", "tablet|scanner|headset",
        "projector|webcam|amplifier|joystick",
    ),
    _department(
        "toys", (EXCHANGE, REPAIR, SEND, CANCEL, REFUND),
        "kite|puzzle|doll|model train|ball|board game|rocking horse|robot|balloon|card game",
        "puppet|spinning top|sandbox", "dollhouse|marble run|drum kit|tricycle",
    ),
    _department(
        "sports", (EXCHANGE, REPAIR, COLLECT, SEND, CANCEL),
        "bike|tent|racket|helmet|rucksack|sledge|canoe|skateboard|treadmill|dumbbell", "snorkel|javelin|hammock",
        "wetsuit|paddle|surfboard|trampoline",
    ),
)  # fmt: skip
