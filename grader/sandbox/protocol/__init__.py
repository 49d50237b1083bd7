"""What both sides of the sandbox's border speak: JSON and raw arrays, never a pickle from a submission.

messages   the protocol: framing, requests and answers, kinds of values
encode     values into messages
decode     messages into values
gradients  a function's backward pass across the border
"""
