"""Puts one empty line between examples, and two before the target alone. Caught by k-shot-check."""


def k_shot(target: str, examples: list[tuple[str, str]]) -> str:
    blocks = [f"Dialogue:\n{d}\n\nWhat was going on?\n{s}" for d, s in examples]
    blocks.append(f"Dialogue:\n{target}\n\nWhat was going on?\n")
    solved = "\n\n".join(blocks[:-1])
    return solved + "\n\n\n" + blocks[-1] if examples else blocks[-1]
