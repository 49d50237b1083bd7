"""The words that fill a dialogue's blanks, kept apart by split: no filler of one split occurs in another.

`DAYS` and `NUMBERS` belong to every split. `WORKSHOP` holds the parts from which training alone invents topics; nothing
in it is about bakeries, astronomy, lighthouses or tailors, which are kept for the test.
"""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Fillers:
    """What one split may put into a dialogue; prices are whole dollars, times are of the clock."""

    names: tuple[str, ...]
    surnames: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[str, ...]
    venues: tuple[str, ...]
    qualities: tuple[str, ...]
    times: tuple[str, ...]
    prices: tuple[int, ...]


@dataclass(frozen=True)
class Workshop:
    """The parts of invented topics: a third of the training dialogues is about one.

    A role or a noun follows "the", a cause follows "because of". A verb is a pair (verb, rest), and the thing goes
    between the two: "put" the lamp "aside". The rest may hold {city} {street} {venue} {name} {surname}.
    """

    roles: tuple[str, ...]
    subjects: tuple[str, ...]
    nouns: tuple[str, ...]
    verbs: tuple[tuple[str, str], ...]
    causes: tuple[str, ...]


def _times(*remainders: int) -> tuple[str, ...]:
    """Every split gets its own times, and each digit occurs in all splits."""
    clock = ((hour, minute) for hour in range(1, 13) for minute in range(0, 60, 5))
    return tuple(f"{hour}:{minute:02}" for hour, minute in clock if (hour + minute // 5) % 5 in remainders)


def _prices(*remainders: int) -> tuple[int, ...]:
    """As with times."""
    return tuple(price for price in range(10, 140) if price % 11 in remainders)


def _verbs(phrases: str) -> tuple[tuple[str, str], ...]:
    """Cut "put aside|repair" into (("put", "aside"), ("repair", ""))."""
    return tuple((verb, rest) for verb, _, rest in (phrase.partition(" ") for phrase in phrases.split("|")))


TRAIN = Fillers(
    names=tuple(
        "Anna Ben Carla David Elena Frank Grace Henry Irene Jack Karen Leo Maria Nick Olga Paul Rita Sam Tina Victor "
        "Wendy Adam Bella Chris Diana Eric Fiona George Helen Ian Julia Kevin Laura Mark Nora Oscar Paula Robert Sara "
        "Tom Ursula Walter Yara Zoe Alan Bianca Carl Doris Emil Flora Gavin Hannah Igor Jane Kurt Lucy Martin Nadia "
        "Owen Petra Ralph Sofia Theo Vera Will Agnes Bruno Clara Dennis Eva Felix Gina Hugo Ida Jonas Kate Louis Mona "
        "Noah Olive Peter Rosa Simon Tessa Umberto Viola Wanda Andrew Brenda Colin Daisy Edgar Freya Gordon Hilda Ivan "
        "Joan Keith Linda Mike Nina Otto Pam Roger Stella Tony Vince Abby Boris Cindy Dan Ella Fred Gloria Harry Abdul "
        "Abena Adele Adriana Ahmed Aiko Akira Alejandro Alice Alicia Alisha Amara Amelia Amina Amir Anders Andrea "
        "Angela Anita Anjali Annika Antonio Anwar Aoife Arjun Arun Astrid Audrey Axel Ayesha Babak Beata Belinda "
        "Benjamin Bernard Bertha Bilal Blanca Bogdan Bronwyn Bryan Camila Carlos Carmen Caroline Catherine Celeste "
        "Chandra Charles Charlotte Cheng Chinua Chloe Christine Claudia Clive Connor Cyril Damian Daniel Daria Dario "
        "Deborah Dilip Dimitra Dolores Donald Duncan Ebony Eduardo Eileen Eleanor Elias Elif Emily Emma Enrique Erika "
        "Erin Ethan Eugene Fabian Fabiola Faisal Fatima Felicity Fernando Filip Francesca Gabriel Gemma Georgia Gerald "
        "Gita Giovanni Goran Graham Guido Gustav Habib Hamid Hans Harold Haruto Hassan Hazem Hector Hideo Holly Hubert "
        "Ibrahim Ilona Imran Indira Ines Isabel Ivo Ivy Jacob Jacqueline Jana Janet Javier Jelena Jennifer Jeremy "
        "Jessica Jin Johanna Jordan Joseph Joyce Juan Judith Junko Justin Kaito Kareem Katarina Kavita Keiko Kenji "
        "Khalid Klaus Kofi Kwame Lakshmi Lance Latifa Laurence Layla Lena Leonard Lidia Lien Liam Lola Lorna Lotte "
        "Luca Luis Lukas Luther Madeleine Malcolm Manuel Marcel Margaret Marina Marisol Marta Mateo Matilda Maxim "
        "Melanie Michelle Miguel Mila Milton Mira Miriam Mohamed Morgan Muriel Nadine Naomi Natalia Nathan Neil Ngozi "
        "Nicola Niels Nigel Noor Norbert Obinna Odile Ola Oliver Orla Osman Pascal Patrick Pavel Pedro Penelope Percy "
        "Pierre Pilar Prakash Rafael Rahul Rajesh Ramona Raul Rebecca Renata Rhys Ricardo Richard Robin Roland "
        "Rosemary Rupert Russell Ruth Ryan Sabine Sally Salma Samantha Sandra Sanjay Sean Sebastian Selma Serena "
        "Sergei Shreya Silas Silvia Sonja Soren Stefan Steven Sunita Susan Suzanne Svetlana Tamara Tanya Tariq Tatiana "
        "Teresa Thandi Thomas Timothy Tomoko Tove Trevor Ulrich Uma Valentina Vanessa Vasily Veronica Vikram Vincent "
        "Virginia Vladimir Waleed Warren Wilhelm William Wilma Xenia Xiang Yasmin Yolanda Yuki Yuri Yvette Zainab Zara "
        "Zdenek Zofia Zoltan Zubair".split()
    ),
    surnames=tuple(
        "Adams Carter Dixon Evans Foster Grant Harris Irving Jones Keller Lewis Moore Nelson Olsen Parker Quinn Reed "
        "Smith Turner Vance Walker Young Abbot Bell Clark Dunn Ellis Fisher Green Hill James King Long Mason Aguilar "
        "Ahmadi Alvarez Andersen Armstrong Atkinson Bailey Banerjee Barrett Becker Bennett Bergman Blackwood Boateng "
        "Bradley Brennan Brown Bukowski Burke Burton Byrne Caldwell Cameron Campbell Carvalho Chandler Chang Chapman "
        "Chowdhury Christensen Clarke Coleman Collins Costa Cunningham Curtis Dalton Davies Delgado Demir Diaz "
        "Dimitrov Doyle Drummond Dubois Duncan Dupont Edwards Engel Espinoza Farrell Ferguson Fernandes Fischer "
        "Fitzgerald Flynn Ford Fraser Fuentes Fujita Gallagher Garcia Gardner Gomez Graham Greenwood Griffin Gupta "
        "Haddad Hamilton Hansen Harper Hayashi Henderson Herrera Hoffmann Holmes Horvath Howard Hudson Hussain Ibarra "
        "Ivanov Jackson Jacobs Jensen Johansson Johnson Joshi Kaplan Kelly Khan Kim Klein Knight Kovacs Kruger Kumar "
        "Lambert Larsen Lawrence Lee Leclerc Lehmann Lloyd Lopez Macdonald Mahmoud Marino Marshall Matthews Mehta "
        "Meyer Mitchell Moreau Morgan Moretti Morris Mueller Murphy Nair Navarro Newman Nguyen Nilsson Novak Nowak "
        "Nkosi Oakley Obi Okafor Oliveira Orlov Osborne Patel Patterson Perez Perry Petrov Phillips Popescu Powell "
        "Price Rahman Ramirez Reynolds Richards Richter Robinson Rojas Romano Rossi Russo Ryan Saito Salazar Santos "
        "Sato Schmidt Schneider Schwarz Shah Sharma Shaw Silva Simmons Singh Sokolov Stewart Sullivan Suzuki Svensson "
        "Takahashi Tanaka Thompson Torres Tran Tucker Ueda Vogel Volkov Wagner Wallace Wang Watson Weber Webster White "
        "Wilkinson Williams Wilson Wong Wright Xu Yilmaz Zhang Ziegler".split()
    ),
    streets=tuple(
        "Oak Park Mill River Church Station Bridge School Market Castle Forest Spring North South Lake Rose Green "
        "Queen Harbour Orchard Meadow Chapel Tower Acorn Albion Almond Angel Apple Arch Ash Bank Barley Bay Beech "
        "Birch Bishopsgate Blossom Bond Brick Broad Brook Cannon Castlegate Chestnut Cherry Clay Cliff Clover College "
        "Coral Court Cross Daffodil Deer Dock Duke East Elm Farm Fern Field Fleet Flint Fountain Fox Friar Front Glebe "
        "Golden Grange Hawthorn Heath High Hillside Holly Hope Hospital Ivy Jubilee King Ladder Laurel Lily Lime "
        "Linden Lower Main Manor Maple Marble Marsh Minster New Nightingale Old Olive Palace Pear Pine Plum Pond "
        "Priory Prince Railway Regent Ridge Robin Saffron Sand Shepherd Silver Square Stable Sunset Swan Temple Union "
        "Upper Valley Victoria Walnut Water Well West Wharf Willow Wood Yew".split()
    ),
    cities=tuple(
        "London Paris Berlin Rome Madrid Vienna Prague Oslo Boston Chicago Denver Tokyo Sydney Dublin Athens Lisbon "
        "Warsaw Zurich Seattle Montreal Cairo Delhi Seoul Milan Manchester Liverpool Glasgow Edinburgh Cardiff Belfast "
        "Oxford Cambridge York Brighton Cork Galway Lyon Nice Bordeaux Toulouse Lille Nantes Munich Cologne Frankfurt "
        "Dresden Leipzig Bremen Hanover Basel Bern Lucerne Graz Linz Budapest Bratislava Ljubljana Zagreb Belgrade "
        "Bucharest Istanbul Ankara Izmir Venice Turin Bologna Palermo Genoa Pisa Valencia Seville Bilbao Granada "
        "Brussels Ghent Bruges Rotterdam Amsterdam Copenhagen Stockholm Gothenburg Malmo Tallinn Vilnius Mumbai "
        "Chennai Kolkata Dhaka Lahore Karachi Kathmandu Bangkok Hanoi Manila Jakarta Singapore Shanghai Beijing Nagoya "
        "Kobe Busan Melbourne Perth Brisbane Auckland Wellington Ottawa Vancouver Calgary Quebec Halifax Atlanta "
        "Dallas Austin Phoenix Miami Orlando Detroit Cleveland Portland Tucson Havana Quito Santiago Montevideo "
        "Brasilia Recife Dakar Kampala Lusaka Harare Durban Algiers Rabat Casablanca Beirut Amman Doha Dubai Muscat "
        "Tbilisi Yerevan Baku".split()
    ),
    venues=tuple(
        "Blue Door|Corner Table|Old Mill|Golden Fork|Green Leaf|Harbour Club|Silver Spoon|Red Lion|Market Hall|"
        "Sunny Side|White Horse|City Arms|Olive Branch|Lucky Star|Black Cat|River View|Royal Oak|Three Bells|"
        "Rusty Anchor|Crooked Chimney|Golden Goose|Market Tavern|Red Balloon|Water Mill|Long Bar|Happy Frog|"
        "Wooden Spoon|Jolly Sailor|King's Head|Queen's Arms|Fox Den|Golden Pheasant|Silver Swan|Cherry Orchard|"
        "Dancing Bear|Flying Fish|Laughing Duck|Palm Court|Rose Cottage|Station Bar|Mountain Lodge|Meadow Park|"
        "Victoria Hall|Union Club|Forest Cabin|Bamboo Palace|Ocean Grill|Pepper Pot|Tin Drum|Glass Slipper|Brick Lane|"
        "Cloud Nine|Hidden Courtyard|Purring Cat|Railway Buffet|Castle Kitchen|Lakeside Lodge|Village Green|"
        "Emerald Bar|Ruby Slipper|Wagon Wheel|Plough Tavern|Maple Lodge|Coffee Corner|Honey Bee|Painted Pony|"
        "Spanish Stairs|Java Jungle|Music Box|Globe Theatre|Jazz Cellar|Happy Valley|Quiet Corner|Chess Club|Town Hall|"
        "Boat Club|Vintage Corner|Zebra Bar|Kings Arena|Youth Centre|Swan Theatre|Skyline Terrace".split("|")
    ),
    qualities=tuple(
        "old new small large red blue green white black brown heavy light cheap plain spare second-hand soft dark "
        "golden silver wooden round square broken clean dirty dusty rusty shiny narrow wide tall short long thin thick "
        "folding antique painted polished plastic metal portable foreign local famous expensive rare simple fancy "
        "colourful spotted checked handmade home-made hand-painted waterproof fragile solid hollow empty bright pale "
        "beige crimson turquoise orange dark-blue light-green half-price well-made worn noisy quiet slim crooked "
        "curved flat smooth rough elegant strange ordinary borrowed forgotten missing damaged repaired unused valuable "
        "double single extra official quick-drying".split()
    ),
    times=_times(0, 1, 2),
    prices=_prices(0, 1, 2, 4, 5, 6, 8, 9, 10),
)
VALIDATION = Fillers(
    names=tuple(
        "Albert Beatrice Cecil Dora Edwin Florence Gilbert Harriet Isaac Josephine Kenneth Lydia Maurice Nancy Oswald "
        "Pauline Reginald Sylvia Terence Una Vernon Winifred Aisha Bjorn Chiara Deepak Emeka Fatou Gareth Hana Ismail "
        "Jorge Katya Lars Mei Nikhil Oksana Pablo Rosalie Samir".split()
    ),
    surnames=tuple(
        "Archer Bishop Cooper Dawson Elliott Fletcher Gibson Hughes Kowalski Lindgren Mbeki Okada Pereira Rossetti "
        "Sandoval Thornton Underhill Vargas Whitaker Yamada".split()
    ),
    streets=tuple("Cedar Windmill Abbey Canal Hazel Granite Poplar Ferry Lavender Barracks Plover Foundry".split()),
    cities=tuple("Naples Geneva Bergen Houston Osaka Bristol Hamburg Malaga Winnipeg Aarhus Tampa Lagos".split()),
    venues=tuple(
        "Copper Kettle|Stone Barn|Lemon Grove|Crown Hotel|Night Owl|Bronze Bull|Four Winds|Sleepy Dormouse|"
        "Diamond Rotunda|Humming Bird".split("|")
    ),
    qualities=tuple("grey striped sturdy modern tiny glossy oval damp velvet oversized".split()),
    times=_times(3),
    prices=_prices(3),
)
TEST = Fillers(
    names=tuple(
        "Arthur Barbara Conrad Delia Ernest Frida Gregory Heidi Imogen Jasper Kirsten Lionel Mabel Norman Odette "
        "Philip Rachel Stuart Trudy Vivian Wesley Yvonne Bridget Cedric Douglas Alma Benedict Chidi Dmitri Esther "
        "Farid Greta Hiroshi Ingrid Jamal Kiran Leila Magnus Nkechi Omar Priya Quentin Ravi Sakura Tobias Usha Valerie "
        "Winston Xavier Yusuf Zelda Anselm Beryl Clement Dagmar Elspeth Fergus Giselle Humphrey Ignacio Joaquin Kamala "
        "Lorenzo Minerva Nestor Ottilie Phoebe Rosalind Sigrid Thaddeus".split()
    ),
    surnames=tuple(
        "Appleton Barlow Crawford Donnelly Everett Fairfax Goodwin Hartley Ingram Jankowski Kimura Lockwood Mendoza "
        "Nakamura Ortega Pritchard Quigley Rasmussen Stirling Tremblay Upton Vaughan Wexford Zimmerman Bhatt "
        "Castellano Duval Eriksen Farouk Holloway".split()
    ),
    streets=tuple(
        "Juniper Quarry Vine Monument Lantern Pebble Saddler Thistle Falcon Rampart Fennel Larch Heron Mulberry Anvil "
        "Bramble Tannery Kestrel Drapers Obelisk".split()
    ),
    cities=tuple(
        "Toronto Helsinki Porto Leeds Nairobi Lima Krakow Antwerp Marseille Adelaide Bogota Riga Tunis Kyoto Memphis "
        "Utrecht Baltimore Salzburg Accra Dundee".split()
    ),
    venues=tuple(
        "Brass Lantern|Paper Moon|Fig Tree|Grand Pier|Winter Garden|Salt House|Crystal Chamber|Iron Mermaid|"
        "Jade Dragon|Wild Thistle|Amber Parlour|Smoking Dog|Pilgrim Refuge|Scarlet Parrot|"
        "Twelve Candles|Ivory Ballroom".split("|")
    ),
    qualities=tuple(
        "yellow purple pink faded bulky stylish violet ivory scratched lightweight tattered floral sleek wobbly carved "
        "chunky".split()
    ),
    times=_times(4),
    prices=_prices(7),
)
BY_SPLIT = {"train": TRAIN, "validation": VALIDATION, "test": TEST}

WORKSHOP = Workshop(
    roles=tuple(
        "gardener plumber electrician carpenter painter nurse dentist librarian archivist curator photographer editor "
        "reporter translator interpreter lawyer judge notary accountant cashier banker broker farmer shepherd "
        "beekeeper fisherman sailor pilot steward porter concierge receptionist caretaker janitor cleaner housekeeper "
        "butler cook chef barista bartender butcher grocer greengrocer florist chemist pharmacist optician hairdresser "
        "barber jeweller watchmaker locksmith blacksmith welder bricklayer roofer tiler glazier plasterer joiner "
        "cabinetmaker potter sculptor bookbinder bookseller publisher author poet playwright actor dancer singer "
        "drummer pianist conductor composer organist guitarist director producer stagehand usher clown juggler "
        "magician acrobat trainer referee umpire goalkeeper swimmer rower cyclist climber skier jockey rider vet "
        "zookeeper ranger forester geologist biologist botanist historian archaeologist professor lecturer tutor pupil "
        "headmaster examiner researcher scientist inventor engineer architect surveyor builder foreman apprentice "
        "inspector detective sergeant officer guard firefighter paramedic lifeguard soldier mayor councillor minister "
        "ambassador secretary treasurer chairman president delegate volunteer organiser donor tourist guide lodger "
        "roommate cousin uncle aunt grandmother nephew niece colleague boss intern trainee supplier wholesaler buyer "
        "seller auctioneer collector courier trucker chauffeur stationmaster miner brewer winemaker cheesemaker "
        "fishmonger designer programmer beginner widow orphan pensioner schoolgirl bridegroom bride twin grandfather "
        "stranger passenger commuter hiker camper artist novelist critic puppeteer violist cellist".split()
    ),
    subjects=tuple(
        "pottery sailing fishing hiking climbing skiing skating surfing diving swimming rowing canoeing kayaking "
        "cycling running dancing singing acting painting drawing printing bookbinding calligraphy photography "
        "animation theatre opera ballet circus magic juggling puppetry jazz archery fencing boxing wrestling judo "
        "karate gymnastics athletics marathon triathlon yoga riding racing birdwatching beekeeping farming ranching "
        "forestry landscaping horticulture botany zoology biology chemistry physics geology geography history "
        "archaeology anthropology sociology psychology philosophy theology law politics elections diplomacy economics "
        "finance taxes accounting marketing advertising publishing journalism broadcasting radio television podcasting "
        "translation languages literature folklore mythology museums galleries antiques auctions collecting stamps "
        "coins toys puzzles gaming crosswords billiards snooker bowling croquet skateboarding parachuting gliding "
        "ballooning aviation airports railways trams buses trucking shipping logistics ferries boating motoring "
        "motorcycling roads bridges architecture construction carpentry joinery plumbing roofing masonry welding "
        "glassblowing metalwork woodwork locksmithing jewellery watchmaking engraving sculpture ceramics mosaics "
        "furniture decorating cleaning laundry housekeeping childcare nursing dentistry pharmacy surgery nutrition "
        "cooking brewing winemaking cheesemaking butchery catering hospitality tourism weddings funerals parties "
        "festivals fairs carnivals fireworks charity volunteering recruitment training universities libraries archives "
        "genealogy robotics programming databases electronics software security policing firefighting rescue "
        "ambulances weather sanitation energy mining drilling metallurgy plastics papermaking lumber tea coffee spices "
        "orchards vineyards dairy poultry livestock horses kennels zoos parks playgrounds kindergarten scouting "
        "customs immigration parliament courts prisons statistics algebra geometry".split()
    ),
    nouns=tuple(
        "hammer|saw|drill|spanner|screwdriver|chisel|ladder|toolbox|workbench|paintbrush|bucket|shovel|spade|rake|hoe|"
        "wheelbarrow|watering can|lawn mower|hedge trimmer|garden hose|flowerpot|greenhouse|shed|hut|fence post|"
        "deck chair|parasol|bird house|beehive|compost heap|fountain|pond|hedge|lawn|flower bed|rose bush|apple tree|"
        "palm tree|pine tree|cactus|tulip|sunflower|daffodil|fern|ivy|bouquet|wreath|vegetable patch|melon|cabbage|"
        "cauliflower|carrot|potato|radish|leek|onion|garlic|pepper|tomato|mushroom|lettuce|spinach|banana|orange|lime|"
        "peach|cherry|strawberry|blueberry|pineapple|mango|coconut|walnut|almond|peanut|olive|grape|honey|jam|"
        "marmalade|butter|cheese|yoghurt|cream|milk|egg|omelette|bacon|ham|steak|salmon|tuna|lobster|crab|oyster|rice|"
        "pasta|noodle soup|salad|sandwich|pizza|curry|casserole|porridge|mustard|vinegar|olive oil|chocolate|ice cream|"
        "lemonade|orange juice|coffee|green tea|cocoa|mineral water|breakfast|lunch|dinner|buffet|menu|recipe|cookbook|"
        "saucepan|frying pan|wok|ladle|spatula|grater|colander|corkscrew|bottle opener|tin opener|fork|knife|spoon|"
        "chopsticks|plate|saucer|cup|mug|wine glass|jug|pitcher|flask|can|tray|salt shaker|pepper mill|napkin|"
        "dish rack|dishwasher|fridge|stove|microwave|blender|juicer|coffee machine|cupboard|drawer|shelf|bookcase|"
        "chest|table|desk|armchair|sofa bed|pillow|mattress|bed|cradle|cot|high chair|curtain|blind|rug|doormat|lamp|"
        "floor lamp|candle|candlestick|fireplace|chimney|heating pipe|boiler|fan|air conditioner|thermostat|light bulb|"
        "light switch|socket|plug|extension cable|fuse box|bathtub|washbasin|tap|toilet|towel|towel rail|soap|sponge|"
        "toothbrush|toothpaste|comb|hairbrush|hair dryer|razor|perfume|lipstick|medicine chest|scales|washing machine|"
        "tumble dryer|laundry basket|vacuum cleaner|broom|dustpan|mop|dustbin|rubbish bag|door handle|door key|padlock|"
        "hinge|doorstep|porch|terrace|roof|gutter|roof tile|skylight|window frame|shutter|pane|brick wall|floorboard|"
        "carpet|wallpaper|stair rail|lift|corridor|lobby|hall|kitchen|bathroom|bedroom|living room|cellar|loft|"
        "basement|cottage|villa|cabin|castle|bungalow|tent|caravan|farmhouse|warehouse|workshop|factory|office|studio|"
        "museum|gallery|theatre|stadium|gym|swimming pool|tennis court|playground|swing|slide|seesaw|sandpit|"
        "climbing frame|skatepark|footbridge|dam|bus stop|railway station|platform|ticket machine|car park|"
        "petrol station|crossroads|roundabout|traffic light|road sign|street lamp|kerb|pavement|footpath|trail|"
        "motorway|car|van|lorry|tractor|trailer|bus|coach|taxi|ambulance|fire engine|motorbike|scooter|tricycle|tandem|"
        "unicycle|pram|wheelchair|sledge|sleigh|roller skates|ice skates|skis|snowboard|canoe|kayak|rowing boat|"
        "sailing boat|yacht|barge|tugboat|submarine|helicopter|glider|hot-air balloon|aeroplane|parachute|kite|sail|"
        "mast|rudder|fishing rod|fishing net|bait|tyre|wheel|hubcap|windscreen|number plate|car seat|seat belt|"
        "dashboard|gear stick|handlebar|pedal|bicycle|bicycle chain|bicycle pump|bell|reflector|helmet|goggles|map|"
        "atlas|guidebook|passport|visa|boarding pass|luggage|luggage trolley|timetable|season ticket|hotel key|"
        "tent peg|sleeping bag|air mattress|camping stove|pocket knife|first-aid kit|thermometer|bandage|plaster|"
        "crutch|stretcher|stethoscope|syringe|microscope|test tube|prescription|hearing aid|sunscreen|piano|organ|"
        "harmonica|flute|clarinet|oboe|saxophone|trumpet|double bass|viola|harp|banjo|guitar|tambourine|cymbal|gong|"
        "music stand|sheet music|metronome|record player|record|cassette|jukebox|amplifier|radio|television|"
        "remote control|headphones|microphone stand|tripod|camera bag|photo album|picture frame|photograph|portrait|"
        "landscape painting|sketch|sketchbook|canvas|palette|crayon|chalk|charcoal|ink|fountain pen|ballpoint pen|"
        "pencil|pencil case|sharpener|rubber|ruler|stapler|paper clip|hole punch|glue|sticky tape|folder|binder|"
        "notebook|calendar|address book|dictionary|encyclopedia|textbook|exercise book|schoolbag|blackboard|whiteboard|"
        "banner|flag|brochure|leaflet|catalogue|newspaper|comic|crossword|poem|script|manuscript|screenplay|speech|"
        "lecture|lesson|timesheet|invoice|receipt|contract|lease|licence|certificate|diploma|application form|"
        "questionnaire|survey|report|budget|spreadsheet|memo|agenda|proposal|blueprint|floor plan|model|prototype|"
        "sample|statue|sculpture|bust|mosaic|fresco|vase|pot|urn|tea set|clay pot|pottery wheel|kiln|basket|"
        "wicker chair|barrel|crate|box|cardboard box|suitcase|briefcase|handbag|purse|wallet|backpack|shopping bag|"
        "shopping trolley|cash box|safe|piggy bank|coin|banknote|cheque|credit card|voucher|gift card|stamp|envelope|"
        "postcard|parcel|letter|telegram|newsletter|ring|necklace|bracelet|earrings|brooch|pearl|ruby|emerald|medal|"
        "trophy|cup final ticket|watch|alarm clock|hourglass|stopwatch|whistle|football|tennis racket|cricket bat|"
        "golf club|hockey stick|billiard table|dartboard|bowling ball|table tennis bat|skipping rope|dumbbell|"
        "treadmill|rowing machine|yoga mat|punchbag|trampoline|archery target|arrow|shield|sword|chess board|"
        "chess clock|domino set|card game|board game|jigsaw puzzle|dice|doll|dolls' house|teddy bear|puppet|toy train|"
        "toy car|model railway|rocking horse|spinning top|marble|balloon|mask|wig|umbrella stand|sunglasses|spectacles|"
        "glasses case|computer|monitor|mouse|mouse mat|memory card|charger|battery pack|cable|aerial|antenna|server|"
        "hard hat|calculator|printer|cash register|barcode reader|photocopier|telephone|answering machine|switchboard|"
        "intercom|burglar alarm|smoke detector|fire extinguisher|sprinkler|generator|wind turbine|engine|motor|pump|"
        "pulley|lever|crane|excavator|bulldozer|forklift|conveyor belt|cement mixer|scaffold|brick|plank|beam|tile|"
        "pipe|nail|screw|bolt|washer|spring|wire|chain|hook|magnifying glass|spirit level|sandpaper|varnish|paint|wax|"
        "cork|string|paper bag|wrapping paper|birthday card|invitation|seating plan|guest list|wedding ring|stage|"
        "spotlight|backdrop|trapdoor|ticket booth|turnstile|popcorn machine|film|documentary|cartoon|song|ballad|"
        "anthem|symphony|sonata|waltz|tango|horse|foal|donkey|mule|cow|calf|sheep|ram|pig|piglet|rooster|swan|peacock|"
        "pigeon|crow|sparrow|robin|penguin|ostrich|flamingo|eagle|bat|squirrel|hedgehog|mole|beaver|otter|badger|fox|"
        "wolf|bear|deer|moose|zebra|giraffe|elephant|lion|tiger|leopard|panda|monkey|gorilla|kangaroo|koala|camel|"
        "llama|crocodile|turtle|frog|toad|snake|spider|beetle|butterfly|bee|ant|snail|octopus|dolphin|seal|shark|"
        "fish tank|bird cage|dog lead|dog basket|cat flap|rabbit hutch|horse box|stirrup|bridle|hay bale|scarecrow|"
        "milk churn|cheese press|wine press|wine cellar|vineyard|orchard|field|meadow|forest|river|waterfall|island|"
        "beach|cave|valley|mountain hut|ski lift|chairlift|igloo|snowman|campfire|bonfire|barbecue|tombstone|altar|"
        "church bell|pulpit|stained-glass window|courtyard|drawbridge|dungeon|moat|throne".split("|")
    ),
    verbs=_verbs(
        "repair|fix|clean|wash|paint|polish|check|inspect|test|measure|weigh|photograph|draw|describe|sketch|copy|"
        "collect|fetch|deliver|order|reserve|find|hide|carry|lift|pack|unpack|wrap|label|mark|store|replace|exchange|"
        "return|remove|cover|dry|design|build|assemble|dismantle|adjust|restore|value|insure|register|sell|buy|rent|"
        "donate|auction|import|export|move|improve|change|choose|examine|study|guard|watch|advertise|display|present|"
        "keep|save|share|tidy|try|borrow|provide|prepare|protect|recommend|decorate|demonstrate|identify|transport|"
        "unload|straighten|rebuild|catalogue|put aside|put away|put outside|put back|take back|take away|take apart|"
        "take down|take upstairs|bring back|bring along|bring inside|bring upstairs|carry downstairs|carry outside|"
        "leave outside|give back|give away|hand over|send back|send away|set aside|set up|lay out|move aside|"
        "push aside|throw away|throw out|pick up|try out|turn around|turn over|keep ready|keep dry|keep safe|"
        "order online|order again|check again|check twice|measure again|weigh again|hold steady|send by post|"
        "send by train|deliver by hand|keep for a week|lend out|store in the cellar|leave at the desk|put on the shelf|"
        "put by the door|move to the left|move into the hall|send to {city}|ship to {city}|bring to {city}|"
        "take to {city}|return to {city}|order from {city}|fetch from {city}|sell in {city}|store in {city}|"
        "drive to {city}|find in {city}|deliver to {street} Street|carry to {street} Street|fetch from {street} Street|"
        "collect from {street} Street|leave on {street} Street|move to {street} Street|bring to {street} Street|"
        "bring to the {venue}|deliver to the {venue}|take to the {venue}|leave at the {venue}|show at the {venue}|"
        "collect from the {venue}|fetch from the {venue}|return to the {venue}|lend to the {venue}|"
        "display in the {venue}|give to {name}|show to {name}|lend to {name}|hand to {name}|send to {name}|"
        "keep for {name}|wrap for {name}|describe to {name}|borrow from {name}|buy for {name}|sell to {name}|"
        "send to {name} in {city}|return to Dr. {surname}|show to Mr. {surname}|deliver to Mrs. {surname}|"
        "order for Mrs. {surname}|reserve for Mr. {surname}|collect from Dr. {surname}"
    ),
    causes=tuple(
        "a broken lift|missing papers|the weather|heavy rain|a hailstorm|strong wind|the heat|the frost|icy roads|"
        "a flood|an earthquake|a thunderstorm|high water|a power cut|a burst pipe|a gas leak|a water leak|"
        "a leaking roof|a fallen tree|a blocked road|a closed bridge|roadworks|a traffic jam|a late train|"
        "a cancelled train|a missed bus|a flat tyre|an empty tank|a broken axle|a car accident|a parking fine|"
        "a bus strike|a lack of drivers|a lack of staff|a lack of time|a lack of money|a lack of space|a lack of parts|"
        "a shortage of wood|a shortage of paper|a staff meeting|a fire drill|a fire alarm|a false alarm|a safety check|"
        "a police order|a court order|a new law|a local rule|the fire rules|the house rules|the opening hours|"
        "a public holiday|a bank holiday|a school trip|a birthday party|a wedding|a funeral|a christening|"
        "a family dinner|a business trip|an early flight|a job interview|an exam|a language course|a night shift|"
        "an extra shift|a double booking|an earlier booking|a full diary|a full car park|a full warehouse|"
        "an overdue bill|an unpaid invoice|an unpaid fine|an unsigned form|a missing signature|a missing permit|"
        "a missing key|a lost key|a lost ticket|a lost wallet|a stolen purse|a wrong address|a wrong number|"
        "a spelling mistake|a printing error|a computer virus|a dead battery|a broken screen|a broken pump|"
        "a broken fuse|a broken window|a broken leg|a sprained ankle|a sore throat|a bad back|a headache|toothache|"
        "the flu|a fever|an allergy|a hospital stay|an operation|a sick child|a sick horse|a crying baby|a nervous dog|"
        "an angry customer|a noisy neighbour|a visit from the mayor|a visiting aunt|a royal visit|a film crew|"
        "a television interview|a concert|a rehearsal|a football final|a street party|a town festival|a demonstration|"
        "an election|a stocktaking|a closing sale|a rise in prices|the high costs|the customs rules|a late delivery|"
        "a delayed shipment|a damaged crate|a faulty cable|faulty wiring|wet paint|fresh varnish|loose bricks|"
        "rotten floorboards|rust|mice in the cellar|wasps under the roof|a swarm of bees|building work|"
        "a change of owner|a change of plan|an old debt|a quarrel|an old promise|a secret plan|the manager's orders|"
        "the neighbours' complaints|the size of the door|the steep stairs|the narrow entrance|the low ceiling|"
        "a tight deadline|a long queue|a waiting list|too many orders|too few helpers|the late hour|an inspection|"
        "an expired licence|a cut in the budget|a closed border|a muddy field|a dry well|bad harvests|a holiday abroad|"
        "a forgotten password".split("|")
    ),
)

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Share of names, places and things into which training puts made-up words.
INVENTED = 0.35
PREPOSITIONS = tuple(
    "with without for from to after before under behind beside near against between around beyond over".split()
)
NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight")

# An entry of a repeated list is drawn more often.
_ONSETS = [
    *(8 * "b c d f g h j k l m n p r s t v w".split()),
    *(2 * "bl br ch cl cr dr fl fr gl gr pl pr qu sh sl sp st th tr y z".split()),
    *"dw gn kl kn kr ph rh sc sch scr shr sk sm sn spl spr squ str sw thr tw wh wr x".split(),
    *[""] * 12,
]
_VOWELS = [
    *(15 * "a e i o u".split()),
    *(2 * "ai au ea ee ie oa oo ou".split()),
    *"ao aw ay ei eo eu ew ey ia io iu oe oi ow oy ua ue ui uo y".split(),
]
_CODAS = [
    *[""] * 120,
    *(8 * "d g k l m n p r s t".split()),
    *(2 * "b ck ct ff ft ll ld lt mp nd ng nk nt rd rk rm rn rt sh sk ss st th x".split()),
    *"bb c ch dd dge dy f gg ght gle lf lk lm lp ls lth lve mb mm mn ms nce ndle nge nn nth pp ps pt py".split(),
    *"rb rce rch rf rge rl rp rr rs rst rth rve sm sp tch tt ts tz v ve wl wn xt z zz".split(),
]
_ENDINGS = (
    "able age al ance ant ard ary ate bury by den dom ed el en ence er ern est et ette field ford ful ham hood ic ical "
    "ify ine ing ish ism ist ity ive ize le less ley like ling lock ly man ment mouth ness ock on or ory ough ous port "
    "shire sion some son ston tion ton ty ure ville ward way well wick wood worth y".split()
)
# The words of the held-out splits, which no invented word may equal.
_HELD_OUT = {
    word
    for split in (VALIDATION, TEST)
    for pool in (split.names, split.surnames, split.streets, split.cities, split.venues, split.qualities)
    for filler in pool
    for word in filler.title().split()
}


def invented_word(rng: random.Random) -> str:
    """A made-up capitalised word of three or more letters, in one to three parts.

    A part is an onset, a vowel and a coda; in half of the words of several parts, the last is an English ending.
    No held-out filler comes out. Training mixes these words in so that the model learns to copy a name it has never
    met, letter group by letter group.
    """
    word = ""
    while len(word) < 3 or word in _HELD_OUT:
        count = rng.choice((1, 2, 2, 3))
        parts = [rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(count)]
        if count > 1 and rng.random() < 0.5:
            parts[-1] = rng.choice(_ENDINGS)
        word = "".join(parts).capitalize()
    return word
