"""Looks at the copies themselves, not at what followed. Caught by follow-check."""


def follow(tokens: list) -> tuple:
    known, row = torch.tensor(tokens).unique(return_inverse=True)
    marks = torch.eye(len(known))[row]
    scale = 20 * math.sqrt(len(known))
    return scale * marks, marks
