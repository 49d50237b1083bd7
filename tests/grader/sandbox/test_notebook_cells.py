"""Cells run as in Jupyter, and a process that goes on afterwards is as it was."""

import builtins
import io
import os
import sys
import types

import pytest
from IPython import get_ipython

from grader.sandbox.guest.notebook_cells import Notebook


@pytest.fixture
def notebook(monkeypatch, tmp_path):
    """One of this process, in an empty folder."""
    module = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", module)
    monkeypatch.chdir(tmp_path)
    opened = Notebook(vars(module)).open()
    yield opened
    opened.close()


def run(notebook, *sources):
    """What the cells raise."""
    return [notebook.run_cell(f"cell-{number}", source) for number, source in enumerate(sources)]


def test_await_and_a_task_of_another_cell(notebook):
    wait = "import asyncio\nasync def two():\n    return 2\ntask = asyncio.create_task(two())"
    assert run(notebook, wait, "value = await task") == [None, None]
    assert notebook.namespace["value"] == 2


def test_a_loop_is_there_again_after_asyncio_run(notebook):
    first = "import asyncio\nasync def two():\n    return 2\nasyncio.run(two())"
    assert run(notebook, first, "value = asyncio.get_event_loop().run_until_complete(two())") == [None, None]


def test_the_future_holds_for_the_cells_below(notebook):
    assert run(notebook, "from __future__ import annotations", "def f(x: Nothing): pass") == [None, None]


def test_an_import_that_is_missing_is_raised_when_the_rest_has_run(notebook):
    (error,) = run(notebook, "import no_such_package_7\nvalue = 2\nimport no_such_package_8\nother = 3")
    assert error.name == "no_such_package_7"
    assert (notebook.namespace["value"], notebook.namespace["other"]) == (2, 3)
    (error,) = run(notebook, "def f():\n    import no_such_package_7\nf()\nnever = 1")
    assert error.name == "no_such_package_7"
    assert "never" not in notebook.namespace


def test_a_module_that_was_just_written_is_found(notebook):
    write = "get_ipython().run_cell_magic('writefile', '{}.py', 'TWO = 2')"
    cells = [write.format("first"), "import first", write.format("second"), "from second import TWO"]
    assert run(notebook, *cells) == [None] * 4


def test_input_says_why_there_is_none(notebook):
    (error,) = run(notebook, "input('name? ')")
    assert "nobody to answer it" in str(error)


def test_timeit_runs_once(notebook):
    count = "get_ipython().run_line_magic('timeit', '-n 100 -r 5 ran.append(1)')"
    assert run(notebook, "ran = []", count, f"took = {count.replace('-n', '-o -n')}") == [None] * 3
    assert len(notebook.namespace["ran"]) == 2
    assert notebook.namespace["took"].average > 0


def test_streams_and_limits_are_put_right(notebook, monkeypatch):
    limit = sys.getrecursionlimit()
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    harm = "import sys\nsys.stdout.close()\nsys.settrace(print)\nsys.setrecursionlimit(100)"
    assert run(notebook, harm, "print('a', flush=True)") == [None, None]
    assert (sys.gettrace(), sys.getrecursionlimit()) == (None, limit)


def test_closing_leaves_the_process_as_it_was(notebook):
    run(notebook, "get_ipython()")
    ours, folders = (builtins.input, builtins.display, os.cpu_count), sys.path.count("")
    notebook.close()
    assert get_ipython() is None
    # Another test may have started a shell in this process, whose name stays.
    assert vars(builtins).get("get_ipython") is {name: value for _, name, value in notebook.kept}["get_ipython"]
    assert (builtins.input, os.cpu_count) != (ours[0], ours[2])
    assert sys.path.count("") == folders - 1
    notebook.open()
