"""Makes what fits stand out too little among many tokens. Caught by follow-check."""


def follow(tokens: list) -> tuple:
    known, row = torch.tensor(tokens).unique(return_inverse=True)
    marks = torch.eye(len(known))[row]
    return 3 * math.sqrt(len(known)) * marks, torch.cat([torch.zeros(1, len(known)), marks[:-1]])
