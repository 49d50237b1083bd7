"""Puts the unsolved target before its examples. Caught by k-shot-check."""


def k_shot(target: str, examples: list[tuple[str, str]]) -> str:
    blocks = [f"Dialogue:\n{d}\n\nWhat was going on?\n{s}" for d, s in [(target, ""), *examples]]
    return "\n\n\n".join(blocks)
