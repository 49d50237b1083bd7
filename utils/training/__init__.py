"""Training that labs and recipes share.

finetune            few weights trained on states that are read once; log-probabilities of texts
domain_pretraining  small decoders pre-trained on mixtures of domains
schedules           the learning rate over a training's steps
scaling_runs        small decoders trained for the scaling law, and their table
"""
