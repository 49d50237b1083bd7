"""Strips the dialogues. Caught by k-shot-check."""


def k_shot(target: str, examples: list[tuple[str, str]]) -> str:
    blocks = [f"Dialogue:\n{d.strip()}\n\nWhat was going on?\n{s}" for d, s in examples]
    blocks.append(f"Dialogue:\n{target.strip()}\n\nWhat was going on?\n")
    return "\n\n\n".join(blocks)
