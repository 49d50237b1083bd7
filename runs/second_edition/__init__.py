"""The recipe of the course model's second edition, which is not bundled yet: `utils/assets/course_model` is the first.

It reads natural dialogues, meets words of many sources, and needs more than one example, since its conventions are
seven independent choices. What did not change comes from `runs.course_model`, and this package takes its place there
once its weights are bundled.

train    trains it: `python -m runs.second_edition.train`
make     writes the dialogues that it is tried on: `python -m runs.second_edition.make`
batches  what a step sees, phase by phase; sampled segmentation
tasks    what is put to the model and what it should answer
frames   the generator's dialogues with words of many sources, and examples that can be mistaken for the target
"""
