"""A process that runs variants of a lab's exercises: cells as JSON in, the errors they raised as JSON out.

    python exercise_runner.py variants.json errors.json

In: {variant: [[cell name, source], ...]}. Out: {variant: [[cell name, error type, message], ...]}.
Every variant gets a fresh namespace; imported modules are shared, so the heavy ones load once, in the first variant.
That one has no limit but the watchdog's: an import cut off in the middle can take the process with it.
A cell that raises does not stop the cells after it, as under nbgrader.
"""

import contextlib
import io
import json
import linecache
import signal
import sys
from pathlib import Path

VARIANT_CPU_S = 10


class TooSlow(BaseException):
    """Raised in a variant that does not end; not an Exception, so that no cell can catch it by habit."""


def stop(*_) -> None:
    raise TooSlow(f"did not end within {VARIANT_CPU_S} s of processor time")


def run_cell(name: str, source: str, namespace: dict) -> tuple[str, str] | None:
    """None, or the error's type and message."""
    file = f"<{name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    try:
        exec(compile(source, file, "exec"), namespace)
    except (Exception, TooSlow, SystemExit) as error:
        return "AssertionError" if isinstance(error, AssertionError) else type(error).__name__, str(error)
    return None


def run_variant(cells: list[list[str]], cpu_s: float) -> list[list[str]]:
    """The errors of one variant; cpu_s: processor time in seconds, 0 for no limit."""
    namespace, errors = {"__name__": "__main__"}, []
    signal.setitimer(signal.ITIMER_PROF, cpu_s)
    for name, source in cells:
        error = run_cell(name, source, namespace)
        if error:
            errors.append([name, *error])
        if error and error[0] == "TooSlow":
            break
    signal.setitimer(signal.ITIMER_PROF, 0)
    return errors


def main(variants_path: str, errors_path: str) -> None:
    signal.signal(signal.SIGPROF, stop)
    variants = json.loads(Path(variants_path).read_text(encoding="utf-8"))
    silent = io.StringIO()
    with contextlib.redirect_stdout(silent), contextlib.redirect_stderr(silent):
        errors = {}
        for name, cells in variants.items():
            errors[name] = run_variant(cells, VARIANT_CPU_S if errors else 0)
    Path(errors_path).write_text(json.dumps(errors), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
