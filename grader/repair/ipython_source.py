"""The Python of a cell that was written for IPython, as IPython itself would translate it.

`%magic` and `!command` become calls of `get_ipython()`, which the sandbox answers (`sandbox.guest.notebook_cells`). Two
kinds do not: magics that time, draw or show help, which change no answer, and installations, for which there is no
network. What else IPython allows is undone here too: pasted prompts, a cell that is indented as a whole.
"""

import functools
import io
import re
from collections.abc import Callable
from dataclasses import dataclass

MAX_CHARACTERS = 50_000
# A pass translates every line that its tokens show to be IPython's; a quote in a !command can hide others from it.
MAX_PASSES = 3
# Each is put into a new list of all lines.
MAX_LINES = 1000
# Magics over a cell of Python: IPython runs the cell all the same.
OVER_PYTHON = {"time", "timeit", "capture", "prun", "memit", "python", "python3", "pypy"}
NO_EFFECT = (  # noqa: SIM905, forty words are easier to read than forty strings
    "aimport alias_magic autoreload colors config debug gui hist history load_ext logoff logon logstart logstate "
    "logstop lprun lsmagic magic matplotlib memit mprun notebook pastebin pdb pdef pdoc pfile pinfo pinfo2 pprint "
    "precision profile prun psearch psource quickref reload_ext unload_ext who who_ls whos xmode"
).split()
CELL_MAGIC = re.compile(r"%%(\w+)[^\S\n]*([^\n]*)")
# As IPython writes a line of its own, alone in it.
CALL = r"""^(?P<indent>[^\S\n]*)get_ipython\(\)\."""
WITHOUT_EFFECT = re.compile(rf"{CALL}run_line_magic\('({'|'.join(NO_EFFECT)})', .*\)$", re.MULTILINE)
INSTALLER = r"(?:\S*/)?(?:sudo\s+)?(?:python\d?\S*\s+-m\s+|uv\s+)?(?:pip|conda|mamba|apt|apt-get)\d?"
INSTALLATION = re.compile(
    rf"{CALL}(?:run_line_magic\('(?:pip|conda|mamba|uv)', |system\(['\"]{INSTALLER}\s+(?:\S+\s+)*?install\b).*\)$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Translated:
    """python: what runs. left_out, installations: lines that do not, nearly as the student wrote them."""

    python: str
    left_out: tuple[str, ...] = ()
    installations: tuple[str, ...] = ()


def translated(source: str) -> Translated:
    """A cell's Python. What is not IPython's either comes back as it is, so that the student's own error is seen."""
    if len(source) > MAX_CHARACTERS:
        return Translated(source)
    try:
        return _translated("".join(_cleaned(_lines(source))))
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        return Translated(source)


def _translated(source: str) -> Translated:
    over = CELL_MAGIC.match(source)
    if over and over[1] not in OVER_PYTHON:
        name, line = over[1], over[2].strip()
        body = source[over.end() + 1 :]
        return Translated(f"get_ipython().run_cell_magic({name!r}, {line!r}, {body!r})\n")
    left_out: list[str] = []
    if over:
        left_out.append(over[0].strip())
        # In its place a line of its own, so that lines keep their numbers. One that names what it captures binds it.
        binds = over[1] == "capture" and (over[2].split() or ["-"])[-1].isidentifier()
        source = (f"get_ipython().run_cell_magic('capture', {over[2]!r}, 'pass')" if binds else "pass") + source[
            over.end() :
        ]
    python = _with_calls(source)
    installations: list[str] = []
    python = WITHOUT_EFFECT.sub(functools.partial(_dropped, left_out), python)
    python = INSTALLATION.sub(functools.partial(_dropped, installations), python)
    return Translated(python, tuple(left_out), tuple(installations))


def _lines(source: str) -> list[str]:
    """With their ends. Not `splitlines`: that also ends a line where text may hold a separator."""
    return list(io.StringIO(source, newline="\n"))


def _dropped(told: list[str], call: re.Match) -> str:
    """`pass`, not nothing: it may be the only line of a block."""
    words = re.findall(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", call[0])
    name, *rest = (one or other for one, other in words)
    if name in ("pinfo", "pinfo2"):
        told.append(f"{' '.join(rest)}{'?' * (1 + (name == 'pinfo2'))}")
    else:
        told.append(" ".join((f"!{name}" if ".system(" in call[0] else f"%{name}", *rest)).strip())
    return f"{call['indent']}pass"


@functools.cache
def _cleaning() -> list[Callable[[list[str]], list[str]]]:
    """IPython's own steps before a cell's lines are looked at, but for cell magics."""
    # Imported late: most cells are Python, and never need it.
    from IPython.core import inputtransformer2

    manager = inputtransformer2.TransformerManager()
    steps = [*manager.cleanup_transforms, *manager.line_transforms]
    return [step for step in steps if step is not inputtransformer2.cell_magic]


def _cleaned(lines: list[str]) -> list[str]:
    for step in _cleaning():
        lines = step(lines)
    return lines


def _with_calls(source: str) -> str:
    """Lines of IPython as calls.

    IPython translates one line, tokenizes the whole cell again, and so on: seconds for a cell that has been made for
    it. Here a pass translates all that it finds, from below, so that the numbers of the lines above stay right.
    """
    from IPython.core import inputtransformer2 as ipython

    kinds = (ipython.MagicAssign, ipython.SystemAssign, ipython.EscapedCommand, ipython.HelpEnd)
    lines = _lines(source if source.endswith("\n") else f"{source}\n")
    for _ in range(MAX_PASSES):
        tokens = ipython.make_tokens_by_line(lines)
        found = [next(filter(None, (kind.find([line]) for kind in kinds)), None) for line in tokens]
        found = [transformer for transformer in found if transformer]
        if not found or len(found) > MAX_LINES:
            break
        for transformer in sorted(found, key=lambda each: each.start_line, reverse=True):
            lines = transformer.transform(lines)
    return "".join(lines)
