"""How the checks' process and a submission's process speak: a mounted folder of the trust boundary.

messages   framing, requests, answers, the grammar of values, and its limits
plain      both ways: plain data of a closed grammar
passed     from the checks to the submission alone: what a check passes and no plain data can say
gradients  backward() across the border
"""
