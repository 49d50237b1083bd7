"""A submission's cells run here as they do in Jupyter: `await` at the top, magics, functions found under `__main__`.

The trusted side has translated lines of IPython into calls of `get_ipython()` (`grader.repair.ipython_source`); IPython
itself answers them. It is asked only by cells that name it: a shell takes a tenth of a second to make.

A student's code can change anything of this. What it would harm is put right before each cell and each call, as far as
no answer could be meant to depend on it: closed streams, alarms, tracing.
"""

import ast
import asyncio
import builtins
import codeop
import importlib
import inspect
import linecache
import os
import re
import signal
import sys
import traceback
import types
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from traitlets.config import Config

FILE_BEGINS = "<cell "
# A pool without a number starts a process for each core, and a submission may have no more than a few.
CORES = 2
# What runs in Jupyter because a loop is always running there.
NEEDS_RUNNING_LOOP = re.compile(r"\b(create_task|ensure_future|get_running_loop)\b")
NEEDS_SHELL = re.compile(r"ipython", re.IGNORECASE)
TIMEIT_OPTIONS = re.compile(r"\s*(-[nrp]\s*\d+\s+|-[tcqov]+\s+)*")
RECURSION_LIMIT = sys.getrecursionlimit()
SHELL_CONFIG = Config({"HistoryManager": {"enabled": False}})
NO_INPUT = "input() has nobody to answer it while grading: give the value in the code."


def as_file(name: str, source: str) -> str:
    """The file name of a cell, under which `inspect.getsource` and tracebacks find its lines."""
    file = f"{FILE_BEGINS}{name}>"
    # Not `splitlines`: Python ends lines at fewer characters.
    lines = [f"{line}\n" for line in source.split("\n")]
    linecache.cache[file] = (len(source), None, lines, file)
    return file


class Notebook:
    """Runs cells in one namespace, that of the module `__main__`. One in a process, which it changes."""

    def __init__(self, namespace: dict[str, Any]):
        self.namespace = namespace
        # Remembers `from __future__ import` for the cells below, as Jupyter does.
        self.compiler = codeop.Compile()
        self.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self.loop: asyncio.AbstractEventLoop | None = None
        self.shell: Any = None
        self.streams = {"stdout": sys.stdout, "stderr": sys.stderr}
        ours = {"get_ipython": self.get_ipython, "display": display, "input": _refuse_input}
        self.changed = [(vars(builtins), name, value) for name, value in ours.items()]
        self.changed.append((vars(os), "cpu_count", lambda: CORES))
        self.kept = [(place, name, place.get(name)) for place, name, _ in self.changed]

    def open(self) -> "Notebook":
        """Give the process what a notebook's has: IPython's builtins, and imports from the folder it works in."""
        for place, name, value in self.changed:
            place[name] = value
        # A module, as in Jupyter; exec would put the module's dictionary there.
        self.namespace["__builtins__"] = builtins
        sys.path.insert(0, "")
        return self

    def close(self) -> None:
        """Take it away again, where the process goes on to other things."""
        if self.shell is not None:
            ZMQInteractiveShell.clear_instance()
        if self.loop is not None:
            self.loop.close()
            asyncio.set_event_loop(None)
        sys.path.remove("")
        for place, name, value in self.kept:
            place[name] = value
            if value is None:
                del place[name]

    def run_cell(self, name: str, source: str) -> BaseException | None:
        """Run a cell; what it raised, or None."""
        file = as_file(name, source)
        self.recover()
        try:
            if NEEDS_SHELL.search(source):
                self.get_ipython()
            if "asyncio" in source or self.loop:
                self._event_loop()
            # A module that an earlier cell has just written would not be seen in a folder that is listed already.
            importlib.invalidate_caches()
            self._execute(source, file)
        except BaseException as error:  # a cell's SystemExit or KeyboardInterrupt ends that cell, not the submission
            return error
        finally:
            # At once: what traces would go on with our own functions.
            sys.settrace(None)
            sys.setprofile(None)
        return None

    def _execute(self, source: str, file: str) -> None:
        """Run a cell. An import of a package that is missing here is raised when the rest has run.

        The student's machine has it, and the answer may not need it.
        """
        code = self.compiler(source, file, "exec")
        needs_loop, missing = bool(NEEDS_RUNNING_LOOP.search(source)), None
        while code is not None:
            try:
                self._execute_code(code, needs_loop)
                code = None
            except ModuleNotFoundError as error:
                missing = missing or error
                code = self._rest(source, file, error)
            except Exception as error:
                # What is missing is the reason, where the rest fails too.
                raise missing or error from error
        if missing:
            raise missing

    def _rest(self, source: str, file: str, error: ModuleNotFoundError) -> types.CodeType | None:
        """What stands below the import at the cell's top that failed; None where something else has."""
        places = [place for place in traceback.extract_tb(error.__traceback__) if place.filename == file]
        body = ast.parse(source).body
        failed = [
            index
            for index, node in enumerate(body)
            if isinstance(node, ast.Import | ast.ImportFrom) and [place.lineno for place in places] == [node.lineno]
        ]
        rest = body[failed[0] + 1 :] if failed else []
        return self.compiler(ast.Module(rest, []), file, "exec") if rest else None

    def _execute_code(self, code: types.CodeType, needs_loop: bool) -> None:
        if code.co_flags & inspect.CO_COROUTINE:
            # As Jupyter does: a module with `await` in it evaluates to a coroutine.
            self._event_loop().run_until_complete(eval(code, self.namespace))
        elif needs_loop:
            self._event_loop().run_until_complete(_as_coroutine(code, self.namespace))
        else:
            exec(code, self.namespace)

    def _event_loop(self) -> asyncio.AbstractEventLoop:
        """One for all cells, so that a task of one can be awaited in another; asyncio.run() would leave none."""
        self.loop = self.loop if self.loop and not self.loop.is_closed() else asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        return self.loop

    def recover(self) -> None:
        """Undo what an earlier cell may have left, and what would be blamed on the next one."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            _reopen(name, descriptor, self.streams[name])
        if self.loop:
            self._event_loop()
        if parallel := sys.modules.get("joblib.parallel"):
            # Its other kind of process measures its memory in /proc, which is hidden here (joblib 1.6).
            parallel.DEFAULT_BACKEND = "multiprocessing"

    def get_ipython(self) -> Any:
        """IPython's shell, made when it is first asked for; from then on IPython's own `get_ipython` finds it too."""
        if self.shell is None:
            self.shell = ZMQInteractiveShell.instance(
                user_module=sys.modules["__main__"], user_ns=self.namespace, config=SHELL_CONFIG
            )
        return self.shell


async def _as_coroutine(code: types.CodeType, namespace: dict[str, Any]) -> None:
    exec(code, namespace)


def _refuse_input(prompt: str = "") -> str:
    raise EOFError(NO_INPUT)


def _reopen(name: str, descriptor: int, original: Any) -> None:
    """A stream that can be written to, under its name in `sys`, over a descriptor that is open."""
    try:
        os.fstat(descriptor)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    stream = getattr(sys, name, None)
    if stream is None or getattr(stream, "closed", False):
        usable = original if not getattr(original, "closed", True) else os.fdopen(os.dup(descriptor), "w")
        setattr(sys, name, usable)


# Named as Jupyter's is: notebooks ask for this name to learn where they run.
class ZMQInteractiveShell(InteractiveShell):
    """IPython's shell without a terminal, a history, or a wait for somebody who types."""

    # The other way goes through a terminal of its own, which is not to be had here.
    system = InteractiveShell.system_raw

    def run_line_magic(self, name: str, line: str, _stack_depth: int = 1) -> Any:
        """A magic in a line; what is timed runs once, since nobody reads the time.

        One that nobody has here belongs to an extension of the student's; it costs the line, not the cell.
        """
        if self.find_line_magic(name) is None:
            print(f"%{name} is not known here.")
            return None
        if name == "timeit":
            line = "-n1 -r1 " + ("-o " if "-o" in line.split() else "") + TIMEIT_OPTIONS.sub("", line)
        return super().run_line_magic(name, line, _stack_depth + 1)

    def enable_gui(self, gui: str | None = None) -> None:
        """Nothing: there is no window to show a figure in."""

    def showtraceback(self, *args, **kwargs) -> None:
        """Nothing: what a cell raises is described to the trusted side."""
