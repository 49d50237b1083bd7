"""Processes and services started from a notebook or a test.

distributed     workers under torchrun's agents: timeout, logs, answers
cluster_jobs    one job as a torchrun command, a Slurm script, a SageMaker job
service         a web service: address, log, end
process_limits  a command under a wall-clock and memory limit, and the end of its process tree
ranks           one function as every rank of a group, in one process, by turns
load_test       many requests at once, and what became of each
"""
