"""Recipes: each makes one bundled asset by one command, seeded, on CPU or GPU.

Made from a seed, byte for byte, as tests compare:
  python -m runs.dialogues.make        dialogues and reviews; `--train-rows` writes a longer training split
  python -m runs.dialogues.card        their card alone
  python -m runs.shop.make             the shop's support dialogues and preference pairs
  python -m runs.shop.make_knowledge   the shop's knowledge base and its questions
  python -m runs.domains.make          the general and the finance corpus, and their tasks
Trained, so another machine gives slightly other numbers:
  python -m runs.course_model.train    tokenizer and course model, a good hour on two free cores
  python -m runs.course_model.card     its evaluation and its card
  python -m runs.course_model.ablate   small variants: without examples in training, and three sizes
  python -m runs.scaling_sweep         the runs of the scaling law, half an hour on one core

In each package `generate` (or `train`) holds rows, streams and constants, `make` is the command that writes, and `card`
measures what was written; what all cards need is in `cards`. A recipe enters its files in the manifest of bundled
assets; `python -m runs.manifest` compares the two.
"""
