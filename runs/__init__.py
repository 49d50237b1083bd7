"""Recipes: each makes one bundled asset by one command, seeded, on CPU or GPU.

dialogues/     dialogues and reviews, byte for byte
natural/       natural dialogues, written one by one, as a data set
shop/          the shop's support dialogues, preference pairs and knowledge base, byte for byte
domains/       the general and the finance corpus and their tasks, byte for byte
course_model/  tokenizer and course model; trained, so another machine gives slightly other numbers
second_edition/  the course model's next recipe, not bundled yet
scaling_sweep  the runs of the scaling law, trained too
running_text   a small decoder that continues everyday talk, trained too
recall         recurrent networks asked for one pair of a list, trained too
parity         small decoders that reason in steps, or not, trained too
training_steps  memory of real training steps, measured; another machine gives slightly other numbers
conventions    summaries put together in a house style
clock          times and prices in every form
words          names of many languages, WordNet's nouns and verbs
cards          what every card needs: counts, tables, rows read and written
manifest       the bundled files against their manifest, in which each recipe enters its own

The commands:

    python -m runs.dialogues.make
    python -m runs.dialogues.card
    python -m runs.natural.make
    python -m runs.natural.card
    python -m runs.shop.make
    python -m runs.shop.make_knowledge
    python -m runs.domains.make
    python -m runs.course_model.train
    python -m runs.course_model.card
    python -m runs.course_model.ablate
    python -m runs.second_edition.train
    python -m runs.second_edition.make
    python -m runs.scaling_sweep
    python -m runs.running_text
    python -m runs.recall
    python -m runs.parity
    python -m runs.training_steps
    python -m runs.manifest

In each package `generate` (or `train`) holds rows, streams and constants, `make` is the command that writes, and `card`
measures what was written.
"""
