"""Asks for the token before, too. Caught by follow-check."""


def follow(tokens: list) -> tuple:
    known, row = torch.tensor(tokens).unique(return_inverse=True)
    marks = torch.eye(len(known))[row]
    scale = 20 * math.sqrt(len(known))
    before = torch.cat([torch.zeros(1, len(known)), marks[:-1]])
    return scale * before, before
