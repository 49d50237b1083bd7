"""Grading of notebook submissions, safely and for a whole class. Around nbgrader: its cell metadata, its gradebook.

wire      values between a submission's process and the trusted one: JSON and raw arrays, never pickle from there
inside    the process that runs a submission; nothing but this and `wire` is seen inside the sandbox
sandbox   bubblewrap around it, and its limits
"""
