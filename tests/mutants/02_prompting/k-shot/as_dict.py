"""Loses an example whose dialogue comes twice. Caught by k-shot-check."""


def k_shot(target: str, examples: list[tuple[str, str]]) -> str:
    blocks = [f"Dialogue:\n{d}\n\nWhat was going on?\n{s}" for d, s in dict(examples).items()]
    blocks.append(f"Dialogue:\n{target}\n\nWhat was going on?\n")
    return "\n\n\n".join(blocks)
