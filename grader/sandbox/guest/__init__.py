"""The untrusted side: these modules run inside the sandbox, in processes that a student's code shares.

fork_server  loads a lab's imports once, then forks one guest for each submission
isolation    what a guest gives up before a student's code runs
worker       runs cells, calls functions
"""
