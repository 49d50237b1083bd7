"""Execute the chapters and labs, build the site, and judge the result.

`python -m tools.site.build` works in _build/. Executed notebooks are kept there and used again while neither the
notebook, nor the shared module, nor the locked packages changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools.site import check

ROOT = Path(__file__).resolve().parents[2]
# Sphinx greets a second run over old doctrees with success, and old pages hide broken links: all start empty.
STALE = (".doctrees", "html", "jupyter_execute")


def execution_key(root: Path) -> str:
    """What outputs depend on beside the notebook: the shared module, its assets, the labs' own files, the lock."""
    digest = hashlib.sha256((root / "requirements.lock").read_bytes())
    files = [path for folder in ("utils", "labs") for path in (root / folder).rglob("*") if path.is_file()]
    for path in sorted(files):
        if "__pycache__" in path.parts or ".ipynb_checkpoints" in path.parts or path.suffix == ".ipynb":
            continue
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def prepare(root: Path) -> None:
    """Empty what must not be used again, and the executed notebooks too when what they depend on changed."""
    build, key = root / "_build", execution_key(root)
    for name in STALE:
        shutil.rmtree(build / name, ignore_errors=True)
    stamp = build / "execution.sha256"
    if not stamp.exists() or stamp.read_text() != key:
        shutil.rmtree(build / ".jupyter_cache", ignore_errors=True)
        build.mkdir(exist_ok=True)
        stamp.write_text(key)


def run_jupyter_book(root: Path) -> int:
    """Warnings are errors, and every one of them is reported. The bundled tier needs no hub: none is asked."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(root), "-n", "-W", "--keep-going"]
    return subprocess.run(command, env=dict(os.environ, HF_HUB_OFFLINE="1")).returncode


def forget_folder(root: Path) -> None:
    """Tracebacks name files in full: on the pages they are named as they lie in the course."""
    for page in (root / "_build" / "html").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if f"{root}/" in text:
            page.write_text(text.replace(f"{root}/", ""), encoding="utf-8")


def main(root: Path = ROOT) -> int:
    """Returns the exit status: 0 only when the build and the check both found nothing."""
    start = time.monotonic()
    prepare(root)
    built = run_jupyter_book(root)
    forget_folder(root)
    judged = check.main(root)
    if built or judged:
        print("The site is not in order: see the messages above.", file=sys.stderr)
        return 1
    print(f"Built in {time.monotonic() - start:.0f} s: {root / '_build' / 'html' / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
