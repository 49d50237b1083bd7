"""What the course costs: time and memory of labs, site and generation. `python -m benchmarks` prints and writes it.

labs        every lab, executed by papermill
book        `make book` from nothing, unchanged, and after one edit of each kind
generation  generation on FLAN-T5-base's shape, against the plain loop
live_model  the course model in a page: bytes, click to ready, first token, each token
course      the course model: loading, tokens per second, a whole test split
grading     a class, against nbgrader; a large class; two workers against one
measure     one measured number, and commands measured under the watchdog
"""
