"""Natural dialogues: written one by one with slots, read, told, and made into a data set of their own.

make     writes the rows: `python -m runs.natural.make`
records  the text format, its reader, and what a record must keep to
telling  one record told: slots filled, dialogue, summary in any convention
tense    verbs in the present and the past
card     measures the rows and writes their card
"""
