"""The bundled model.

train             trains it from scratch: `python -m runs.course_model.train`
train_tokenizer   byte-pair encoding with byte fallback, on the course's own text
batches           endless training batches, phase by phase
tasks             the tasks of the mixture: inputs and answers
templates         the wordings of prompts that training sees
command_language  English wishes and what they mean as commands
ablate            small variants: `python -m runs.course_model.ablate`
card              evaluates the model and writes its card: `python -m runs.course_model.card`
"""
