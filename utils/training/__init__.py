"""Training that labs and recipes share.

finetune            few weights trained on states that are read once; log-probabilities of texts
domain_pretraining  small decoders pre-trained on mixtures of domains
schedules           the learning rate over a training's steps
recall              recurrent networks and a transformer layer asked for one pair of a list
parity              small decoders that answer at once, after dots or step by step
scaling_runs        small decoders trained for the scaling law, and their table
"""
