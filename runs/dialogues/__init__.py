"""The bundled dialogues and reviews, and their card.

make         writes all three: `python -m runs.dialogues.make`
generate     streams and rows of dialogues, drawn from a seed
events       what happens in one dialogue: who asks whom for what, and how it ends
patterns     how a dialogue goes: openings, bargaining, small talk, endings
topics       what dialogues are about
fillers      the words that fill a dialogue's blanks, by split
conventions  house styles of summaries
reviews      short reviews with a sentiment
card         measures the files and writes their card
"""
