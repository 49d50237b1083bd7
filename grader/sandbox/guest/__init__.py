"""The untrusted side: these modules run inside the sandbox, in processes that a student's code shares.

fork_server  loads a lab's imports once, then forks one process for each submission
worker       runs cells, calls functions
isolation    what a process gives up before a student's code runs
"""
