"""Which labs differ from the main branch: their notebooks, the files beside them, or the mutants of their exercises."""

import re
import subprocess
from pathlib import Path

PLACE = re.compile(r"(?:labs|tests/mutants)/(\d\d_\w+)/")


def _git(root: Path, *arguments: str) -> str | None:
    answer = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)
    return answer.stdout if answer.returncode == 0 else None


def changed_labs(root: Path) -> set[str]:
    """Names of labs changed since this branch left main, committed or not; empty where there is no git."""
    bases = (_git(root, "merge-base", "HEAD", branch) for branch in ("origin/main", "main"))
    base = next((found.strip() for found in bases if found), "HEAD")
    edited = _git(root, "diff", "--name-only", base) or ""
    added = _git(root, "ls-files", "--others", "--exclude-standard") or ""
    return set(PLACE.findall(edited + added))
