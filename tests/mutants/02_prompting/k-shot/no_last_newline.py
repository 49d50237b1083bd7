"""Stops at the question mark, without the newline where the summary begins. Caught by k-shot-check."""


def k_shot(target: str, examples: list[tuple[str, str]]) -> str:
    blocks = [f"Dialogue:\n{d}\n\nWhat was going on?\n{s}" for d, s in [*examples, (target, "")]]
    return "\n\n\n".join(blocks).rstrip()
