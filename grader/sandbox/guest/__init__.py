"""The untrusted side: these modules run inside the sandbox, in processes that a student's code shares.

fork_server     loads a lab's imports once, then forks one guest for each submission
isolation       what a guest gives up before a student's code runs
memory          what a guest's processes hold
system_calls    what a guest may still ask of the kernel
worker          answers requests: runs cells, calls functions
notebook_cells  a submission's cells run as they do in Jupyter
"""
