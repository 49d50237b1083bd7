"""Forgets that the scores are divided by the root of n. Caught by follow-check."""


def follow(tokens: list) -> tuple:
    known, row = torch.tensor(tokens).unique(return_inverse=True)
    marks = torch.eye(len(known))[row]
    return 20 * marks, torch.cat([torch.zeros(1, len(known)), marks[:-1]])
