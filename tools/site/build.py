"""Execute the chapters and labs, build the site, and judge the result.

`python -m tools.site.build` works in _build/. Executed notebooks are kept there and used again while nothing that their
outputs depend on has changed.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from jupyter_cache import get_cache

from tools.site import check, execute

ROOT = Path(__file__).resolve().parents[2]
# Jupyter Book 1.x: a second run over the doctrees of a run with warnings exits 0, and old pages hide broken links. So
# all start empty.
STALE = (".doctrees", "html", "jupyter_execute")


def empty(root: Path) -> None:
    """Remove what the builder must not find."""
    for name in STALE:
        shutil.rmtree(root / "_build" / name, ignore_errors=True)


def run_jupyter_book(root: Path) -> int:
    """Warnings are errors, and every one of them is reported. Outputs come from the cache.

    Jupyter Book executes a notebook that is not in the cache by itself, with neither a key nor a watchdog. That is a
    fault too.
    """
    cache = get_cache(execute.fill_cache(root))
    filled = len(cache.list_cache_records())
    # Without -W a notebook that raises would exit 0.
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(root), "-n", "-W", "--keep-going"]
    status = subprocess.run(command, env=dict(os.environ, HF_HUB_OFFLINE="1")).returncode
    if len(cache.list_cache_records()) > filled:
        print("Jupyter Book executed a notebook that the cache should have held.", file=sys.stderr)
        return status or 1
    return status


def forget_folder(root: Path) -> None:
    """Tracebacks name files in full: on the pages they are named as they lie in the course."""
    for page in (root / "_build" / "html").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if f"{root}/" in text:
            page.write_text(text.replace(f"{root}/", ""), encoding="utf-8")


def main(root: Path = ROOT) -> int:
    """Returns the exit status: 0 only when the execution, the build and the check found nothing."""
    start = time.monotonic()
    empty(root)
    failed = [fault for one in execute.execute(root) for fault in one.faults]
    built = run_jupyter_book(root)
    forget_folder(root)
    judged = check.main(root)
    if failed or built or judged:
        print("The site is not in order: see the messages above.", file=sys.stderr)
        return 1
    print(f"Built in {time.monotonic() - start:.0f} s: {root / '_build' / 'html' / 'index.html'}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("Stopped. Notebooks executed so far are kept.", file=sys.stderr)
        sys.exit(130)
