"""Uses the first example and forgets the others. Caught by k-shot-check."""


def k_shot(target: str, examples: list[tuple[str, str]]) -> str:
    blocks = [f"Dialogue:\n{d}\n\nWhat was going on?\n{s}" for d, s in [*examples[:1], (target, "")]]
    return "\n\n\n".join(blocks)
