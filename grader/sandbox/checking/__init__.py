"""The process that runs one submission's checks: a sandbox of its own, which holds this lab's checks and nothing else.

run_checks  the exercises' checks, each with its points earned or not and its hint
remote      the near end of a guest: requests, answers, deadlines
mutations   what a call wrote into the objects that were passed to it
"""
