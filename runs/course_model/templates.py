"""The wordings of the prompts that training sees: for each task, what stands before the input and after it."""

from utils.prompts import TEMPLATES as KNOWN

SUMMARY, SENTIMENT, TOPIC, ENTITIES, QUESTION, COMMAND, NEXT_TURN = TASKS = (
    "summary",
    "sentiment",
    "topic",
    "entities",
    "question",
    "command",
    "next turn",
)
TEMPLATES: dict[str, tuple[tuple[str, str], ...]] = {
    SUMMARY: (
        (KNOWN["flan"].before, KNOWN["flan"].after),
        (KNOWN["instruction"].before, KNOWN["instruction"].after),
        ("Here is a dialogue:\n", "\n\nWrite a short summary!\n"),
        ("", "\n\nSummarize the dialogue above.\n"),
        ("Summarize: ", "\n"),
        ("Conversation:\n", "\n\nReport:\n"),
        ("What happens in this conversation?\n", "\n\nAnswer:\n"),
    ),
    SENTIMENT: (
        ("Classify this review:\n", "\nSentiment:\n"),
        ("Review: ", "\nIs this review positive or negative?\n"),
        ("", "\nWhat is the sentiment of this review?\n"),
        ("Review:\n", "\nLabel:\n"),
        ("How does the writer feel?\n", "\nAnswer:\n"),
        ("Rate the following text: ", "\nRating:\n"),
    ),
    TOPIC: (
        ("Dialogue:\n", "\n\nWhat is the topic?\n"),
        ("What is this conversation about?\n\n", "\n\nTopic:\n"),
        ("", "\n\nName the topic of the dialogue above in one word.\n"),
        ("Find the topic: ", "\n"),
        ("Conversation:\n", "\n\nSubject:\n"),
        ("Label this conversation with its topic.\n", "\n\nLabel:\n"),
    ),
    ENTITIES: (
        ("Find the people, places and times.\n", "\nEntities:\n"),
        ("Text: ", "\nNamed entities:\n"),
        ("", "\nWhich people, places and times are named?\n"),
        ("Extract the names from this text:\n", "\nNames:\n"),
        ("List who, where and when: ", "\n"),
        ("Read the text.\n", "\nList its entities.\n"),
    ),
    QUESTION: (
        ("Text: {passage}\nQuestion: ", "\nAnswer:\n"),
        ("{passage}\n\nAnswer this question: ", "\n"),
        ("Read this and answer.\n{passage}\n\n", "\n"),
        ("{passage}\n\nQ: ", "\nA:\n"),
        ("Context:\n{passage}\nUse the context to answer.\n", "\nAnswer:\n"),
        ("Please answer a question about the text.\nText: {passage}\nQuestion: ", "\nAnswer: "),
    ),
    COMMAND: (
        ("# ", "\n"),
        ("Write the command: ", "\nCommand:\n"),
        ("Translate to a command.\n", "\n=>\n"),
        ("Wish: ", "\nCommand: "),
        ("", "\nWhich command does this?\n"),
        ("Turn the comment into code.\n# ", "\nCode:\n"),
    ),
    NEXT_TURN: (
        ("", ""),
        ("Continue the dialogue:\n", "\nNext turn:\n"),
        ("Dialogue:\n", "\nWhat is said next?\n"),
        ("Write the next line of this conversation.\n", "\n"),
        ("Conversation so far:\n", "\nThen:\n"),
        ("Who says what after this?\n\n", "\n\nAnswer:\n"),
    ),
}
REPEAT = ("Repeat this line:\n", "")
