"""Execute the chapters and labs, build the site, and judge the result.

`python -m tools.site.build` works in _build/. Executed notebooks are kept there and used again while nothing that their
outputs depend on has changed. On the pages the labs are as students get them; `--solutions` builds the instructor's
site beside it, where they are whole.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from jupyter_cache import get_cache

from grader.student import release
from tools.site import check, execute, sources
from tools.site.finish import finish
from tools.site.sphinx.outline import LABS_ZIP

ROOT = Path(__file__).resolve().parents[2]
# Jupyter Book 1.x: a second run over the doctrees of a run with warnings exits 0, and old pages hide broken links. So
# all start empty.
STALE = (".doctrees", "html", "jupyter_execute")


def empty(build: Path) -> None:
    """Remove what the builder must not find."""
    for name in STALE:
        shutil.rmtree(build / name, ignore_errors=True)


def run_jupyter_book(root: Path, folder: Path, build: Path) -> int:
    """Build the site of the sources in `folder` into build/html. Outputs come from the cache.

    Warnings are errors, and every one of them is reported. Jupyter Book executes a notebook that is not in the cache by
    itself, with neither a key nor a watchdog. That is a fault too.
    """
    cache = get_cache(execute.fill_cache(root, folder, build))
    filled = len(cache.list_cache_records())
    program = str(Path(sys.executable).with_name("jupyter-book"))
    # _config.yml names extensions of this repository, and `folder` is not its root.
    environment = dict(os.environ, HF_HUB_OFFLINE="1", PYTHONPATH=str(root))
    # Without -W a notebook that raises would exit 0.
    command = [program, "build", str(folder), "--path-output", str(build.parent), "-n", "-W", "--keep-going"]
    status = subprocess.run(command, cwd=root, env=environment).returncode
    if len(cache.list_cache_records()) > filled:
        print("Jupyter Book executed a notebook that the cache should have held.", file=sys.stderr)
        return status or 1
    return status


def build_site(root: Path, build: Path, solutions: bool = False) -> bool:
    """Build one site and judge it; whether nothing was found. solutions: on the labs' pages."""
    empty(build)
    folder = sources.write(root, build, solutions)
    built = run_jupyter_book(root, folder, build)
    finish(build / "html", root)
    if (build / "html" / "_static").exists():
        release.write_course(build / "html" / LABS_ZIP, root)
    judged = check.main(root, build, solutions)
    return not built and not judged


def main(root: Path = ROOT, solutions: bool = False) -> int:
    """Returns the exit status: 0 only when the execution, the build and the check found nothing."""
    start = time.monotonic()
    failed = [fault for one in execute.execute(root) for fault in one.faults]
    builds = {root / "_build": False} | ({root / "_build" / "instructors" / "_build": True} if solutions else {})
    fine = [build_site(root, build, solved) for build, solved in builds.items()]
    if failed or not all(fine):
        print("The site is not in order: see the messages above.", file=sys.stderr)
        return 1
    for build in builds:
        print(f"Built in {time.monotonic() - start:.0f} s: {build / 'html' / 'index.html'}")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--solutions", action="store_true", help="also the instructor's site, in _build/instructors")
    try:
        sys.exit(main(solutions=parser.parse_args().solutions))
    except KeyboardInterrupt:
        print("Stopped. Notebooks executed so far are kept.", file=sys.stderr)
        sys.exit(130)
