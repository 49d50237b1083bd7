"""Takes ids modulo 64 for the ids. Caught by follow-check."""


def follow(tokens: list) -> tuple:
    marks = torch.eye(64)[torch.tensor(tokens) % 64]
    return 160 * marks, torch.cat([torch.zeros(1, 64), marks[:-1]])
