"""The shop of chapter 04.

make            writes dialogues, pairs and card: `python -m runs.shop.make`
make_knowledge  writes the knowledge base: `python -m runs.shop.make_knowledge`
generate        support dialogues and preference pairs, drawn from a seed
topics          what customers write about: six departments
card            measures the files and writes their card
"""
