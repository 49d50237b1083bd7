"""Cells written for IPython become the Python that IPython would make of them, but for what changes no answer."""

import time

import pytest

from grader.repair import rebuild
from grader.repair.ipython_source import translated
from tests.support.submitted_notebooks import LAB, code, named, repaired, sources


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("%ls -l\nx = 1\n", "get_ipython().run_line_magic('ls', '-l')\nx = 1\n"),
        ("!ls \\\n  -l\n", "get_ipython().system('ls    -l')\n"),
        ("files = !ls\n", "files = get_ipython().getoutput('ls')\n"),
        ("t = %timeit -o f()\n", "t = get_ipython().run_line_magic('timeit', '-o f()')\n"),
        ("%%bash\nls 'a'\n", "get_ipython().run_cell_magic('bash', '', \"ls 'a'\\n\")\n"),
        (">>> def f():\n...     return 1\n", "def f():\n    return 1\n"),
        (
            "!echo 'it\n%ls\nx = 1\n",
            "get_ipython().system(\"echo 'it\")\nget_ipython().run_line_magic('ls', '')\nx = 1\n",
        ),
        ("x = (1,\n%ls\n)", "x = (1,\n%ls\n)\n"),
    ],
)
def test_lines_of_ipython_become_calls(source, python):
    assert translated(source).python == python


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("%matplotlib inline", "%matplotlib inline"),
        ("k_shot?", "k_shot?"),
        ("??k_shot", "k_shot??"),
        ("%%time", "%%time"),
        ("%load_ext autoreload", "%load_ext autoreload"),
    ],
)
def test_what_changes_no_answer_is_left_out_and_told(notebook, line, told):
    cell = named(notebook, "k-shot")
    cell.source = f"{line}\n{cell.source}"
    rebuilt = repaired(notebook, "k-shot", repr(told), "changes no answer")
    assert sources(rebuilt)["k-shot"].startswith("pass\ndef k_shot")


@pytest.mark.parametrize(
    "line", ["!pip install -q x", "%pip install x", "!python -m pip install x", "!conda install x"]
)
def test_nothing_is_installed(notebook, line):
    notebook.cells.append(code(f"{line}\nx = 1"))
    rebuilt = repaired(notebook, "A cell that you added", repr(line), "nothing can be installed")
    assert rebuilt.cells[-1][1] == "pass\nx = 1\n"


def test_text_that_looks_like_a_magic_stays():
    text = 'def f():\n    """\n%of all\n!really\n    """\n'
    assert translated(f"%matplotlib inline\n{text}").python == f"pass\n{text}"


def test_a_cell_magic_over_python_leaves_the_python():
    assert translated("%%time\n%ls\nx = 1\n").python == "pass\nget_ipython().run_line_magic('ls', '')\nx = 1\n"
    assert translated("%%capture said\nx = 1\n").python.splitlines()[1] == "x = 1"


def test_a_file_that_is_written_is_a_call(notebook):
    notebook.cells.append(code("%%writefile helper.py\nTWO = 2\n"))
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert rebuilt.repairs == ()
    assert rebuilt.cells[-1][1] == "get_ipython().run_cell_magic('writefile', 'helper.py', 'TWO = 2\\n')\n"


@pytest.mark.parametrize(
    "source", ["%ls\n" * 12_000, "a?\n" * 16_000, "(" * 20_000 + "\n%ls" * 4_000, "'''\n" * 12_000]
)
def test_cells_made_to_take_long_do_not(source):
    start = time.monotonic()
    translated(source)
    assert time.monotonic() - start < 20
