"""The executor: each fault of a run is a sentence, what ran is kept and used again, no kernel is left behind."""

import re
import time

import nbformat
import psutil
import pytest

from tools.site import execute, pages
from utils import runtime
from utils.systems.process_limits import Outcome

ROOT = runtime.project_root()
# What reads a clock, or shows what did. Processor time is not among them: another notebook does not add to it.
CLOCK = re.compile(r"perf_counter|monotonic|\btime\.time\(|timeit|\.seconds\b|started_s|load_test\.run")
# It prints the seconds of training on one thread and draws no conclusion from them.
SHOWS_ONLY = {"labs/08_scaling/08_scaling"}
ERROR = nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="by\nzero.", traceback=[])


def cell(source="x = 1", count=1, outputs=()):
    return nbformat.v4.new_code_cell(source, execution_count=count, outputs=list(outputs))


def notebook(*cells):
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    title = nbformat.v4.new_markdown_cell("# A")
    return nbformat.v4.new_notebook(cells=[title, *cells], metadata={"kernelspec": kernel})


def test_a_notebook_run_to_its_end_has_no_fault():
    good = notebook(cell(), cell(" ", count=None))
    assert execute.notebook_faults("a", good) == []


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ([cell(count=None), cell(count=None)], "a: code cell 2 was not executed, the first of 2."),
        ([cell(outputs=[ERROR])], "a: code cell 2 raised ZeroDivisionError: by zero."),
    ],
)
def test_each_fault_of_a_cell_is_one_sentence(bad, sentence):
    assert execute.notebook_faults("a", notebook(cell(), *bad)) == [sentence]


@pytest.mark.parametrize(
    ("outcome", "written", "sentence"),
    [
        (Outcome(-15, 9.0, 0, "", "", "timeout"), True, "a: the run ended by timeout after 9 s; "),
        (
            Outcome(1, 9.0, 0, "", "No such kernel", "exit"),
            False,
            "a: papermill wrote nothing. Its last lines:\n",
        ),
        (Outcome(1, 9.0, 0, "", "No space left", "exit"), True, "a: papermill failed. Its last lines:\nNo space left"),
    ],
    ids=["limit", "nothing written", "failed after the last cell"],
)
def test_each_fault_of_a_run_is_told(tmp_path, outcome, written, sentence):
    if written:
        nbformat.write(notebook(cell()), tmp_path / "a.ipynb")
    (fault,) = execute.run_faults("a", tmp_path / "a.ipynb", outcome)
    assert fault.startswith(sentence)


def test_what_measures_time_runs_alone():
    measuring = set()
    for page, source in pages.notebooks(ROOT).items():
        code = "\n".join(cell["source"] for cell in pages.code_cells(source))
        programs = [path for place in ("*.py", "workers/*.py") for path in (ROOT / page).parent.glob(place)]
        started = [path for path in programs if f'"{path.name}"' in code]
        if any(map(CLOCK.search, [code, *(path.read_text(encoding="utf-8") for path in started)])):
            measuring.add(page)
    assert measuring - SHOWS_ONLY == set(execute.ALONE)


def test_the_order_names_pages_that_exist():
    beside = set(pages.notebooks(ROOT)) - set(execute.ALONE)
    assert set(execute.LONGEST) <= beside


CHAPTER = """\
---
jupytext: {formats: "md:myst", text_representation: {extension: .md, format_name: myst}}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# A chapter

```{code-cell} ipython3
from pathlib import Path
from myst_nb import glue
glue("two", 2, display=False)
print(sorted(path.name for path in Path.cwd().iterdir()))
```
"""
COUNTED = """\
import os
from pathlib import Path
with Path("../../count.txt").open("a") as file:
    file.write("1")
print(os.environ["COURSE_THREADS"], os.environ["HF_HUB_OFFLINE"])"""


@pytest.fixture
def course(tmp_path):
    """A course of a chapter and two labs; the second lab fails in its second cell of three."""
    texts = {
        "_toc.yml": "format: jb-book\nroot: book/a\nchapters:\n  - file: labs/b/b\n  - file: labs/c/c\n",
        "requirements.lock": "",
        "book/a.md": CHAPTER,
        "labs/b/b.ipynb": nbformat.writes(notebook(cell(COUNTED, None))),
        "labs/c/c.ipynb": nbformat.writes(notebook(*(cell(text, None) for text in ("print(1)", "1 / 0", "print(3)")))),
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def outputs(course, page):
    """The text that each code cell of an executed notebook printed."""
    executed = nbformat.read(execute.kept(course, page), as_version=4)
    return ["".join(out.get("text", "") for out in cell["outputs"]) for cell in pages.code_cells(executed)]


@pytest.mark.slow
def test_pages_are_executed_once_and_failing_ones_do_not_stop_the_others(course, capsys):
    first = {one.page: one.faults for one in execute.execute(course)}
    assert first == {
        "book/a": (),
        "labs/b/b": (),
        "labs/c/c": (
            "labs/c/c: code cell 2 raised ZeroDivisionError: division by zero.",
            "labs/c/c: code cell 3 was not executed, the first of 1.",
        ),
    }
    assert "[3/3] " in capsys.readouterr().err
    assert outputs(course, "book/a") == ["['a.md']\n"]
    assert outputs(course, "labs/b/b") == ["1 1\n"]
    assert outputs(course, "labs/c/c") == ["1\n", "", ""]

    (course / "book" / "a.md").write_text(CHAPTER.replace("# A chapter", "# A better chapter"))
    assert [one.page for one in execute.execute(course)] == ["labs/c/c"]
    assert (course / "count.txt").read_text() == "1"
    given = {cell["source"]: cell["outputs"] for cell in pages.code_cells(filled(course, "book/a"))}
    ((_, (glued, printed)),) = given.items()
    assert glued["data"] == {"application/papermill.record/text/plain": "2"}
    assert printed["text"] == "['a.md']\n"


def filled(course, page):
    """A page as the site's builder finds it in the cache."""
    cache = execute.get_cache(execute.fill_cache(course, course, course / "_build"))
    assert len(cache.list_cache_records()) == 3
    return cache.get_cache_bundle(cache.match_cache_notebook(pages.as_notebook(course, page)).pk).nb


@pytest.mark.slow
def test_when_it_is_interrupted_no_kernel_is_left(tmp_path):
    sleeping = tmp_path / "sleeping.ipynb"
    nbformat.write(notebook(cell("import time; open('started', 'w').close(); time.sleep(600)", None)), sleeping)
    before = set(psutil.Process().children(recursive=True))

    def quick():
        while not (tmp_path / "started").exists():
            time.sleep(0.1)
        return execute.Execution("quick", 0.0, ())

    def slow():
        outcome = execute.papermill(sleeping, tmp_path / "executed.ipynb", tmp_path)
        return execute.Execution("slow", outcome.wall_s, ())

    running = execute._pooled(2, [quick, slow])
    assert next(running).page == "quick"
    children = set(psutil.Process().children(recursive=True)) - before
    assert len(children) >= 2
    running.close()
    assert not psutil.wait_procs(children, timeout=10)[1]
