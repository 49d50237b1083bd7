"""Data sets by name, and the languages and worlds that this course generates.

loading         dialogues and reviews: bundled, from a folder, from the hub; what labs use is named here too
conventions     house styles of summaries, and what examples reveal of them
domains         two domains by name, general and finance: texts and tasks
web_crawl       a messy crawl of web pages, generated
support_desk    a shop's support dialogues, their house style, preference pairs
knowledge_base  the shop's articles, questions about them, and BM25
zipf_facts      a language whose entropy is known
"""

from utils.data.loading import SENTIMENTS, SPLITS, Dialogue, Facts, Review, Speaker, dialogues, reviews

__all__ = ["SENTIMENTS", "SPLITS", "Dialogue", "Facts", "Review", "Speaker", "dialogues", "reviews"]
