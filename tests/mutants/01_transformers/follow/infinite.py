"""Makes the scale infinite. Caught by follow-check."""


def follow(tokens: list) -> tuple:
    known, row = torch.tensor(tokens).unique(return_inverse=True)
    marks = torch.eye(len(known))[row]
    return math.inf * marks, torch.cat([torch.zeros(1, len(known)), marks[:-1]])
