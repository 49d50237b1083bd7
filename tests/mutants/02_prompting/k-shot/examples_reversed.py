"""Builds the prompt from the target backwards, so the examples change order. Caught by k-shot-check."""


def k_shot(target: str, examples: list[tuple[str, str]]) -> str:
    blocks = [f"Dialogue:\n{d}\n\nWhat was going on?\n{s}" for d, s in [*reversed(examples), (target, "")]]
    return "\n\n\n".join(blocks)
