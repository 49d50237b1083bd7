"""Appends the target to the caller's examples. Caught by k-shot-check."""


def k_shot(target: str, examples: list[tuple[str, str]]) -> str:
    examples.append((target, ""))
    return "\n\n\n".join(f"Dialogue:\n{d}\n\nWhat was going on?\n{s}" for d, s in examples)
