"""What models cost: memory, arithmetic, data, by formula and measured.

memory           what training and generating take, in bytes, on one rank
measured_memory  memory of real training steps, each in a process of its own
scaling_laws     loss by size and data: the law, its fit, the best split of a budget
accelerators     peak rate and memory of accelerators, each with its source
"""
