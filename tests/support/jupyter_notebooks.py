"""Answers in the style of a notebook: what works there on "Restart and Run All" gets its points, what cannot is told.

Each stands in the cell of `mean` of the example lab, or beside it, between two right answers of other exercises.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from grader import assignment

RIGHT = "def mean(values):\n    return sum(values) / len(values)\n"
CALLS_HELPER = "def mean(values):\n    return helper(values)\n"
HELPER = "def helper(values):\n    return sum(values) / len(values)\n"
SUM = "sum(values) / len(values)"


@dataclass(frozen=True)
class Answer:
    """own: the cell of `mean`; before, after: cells beside it; check: its check cell; end: cells at the end.

    change: what else is done to the cells. points: what `mean` earns; others: the other two exercises. says: part of
    the hint that the student must read, or of a repair where the points are earned.
    """

    name: str
    own: str = RIGHT
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    check: str = ""
    end: tuple[str, ...] = ()
    change: Callable[[list[NotebookNode]], object] | None = None
    points: float = 2.0
    others: tuple[float, float] = (2.0, 2.0)
    says: str = ""

    def notebook(self, lab: NotebookNode) -> NotebookNode:
        """The whole notebook as it is handed in."""
        notebook = copy.deepcopy(lab)
        for cell in notebook.cells:
            cell.source = assignment.without_hidden(cell.source)
        cells = notebook.cells
        cells[at(cells, "mean")].source = self.own
        if self.check:
            cells[at(cells, "mean-check")].source += f"\n{self.check}"
        cells[at(cells, "mean") + 1 : at(cells, "mean") + 1] = map(_added, self.after)
        cells[at(cells, "mean") : at(cells, "mean")] = map(_added, self.before)
        cells += map(_added, self.end)
        if self.change:
            self.change(cells)
        return notebook


def at(cells: list[NotebookNode], grade_id: str) -> int:
    """Where the cell of an exercise or a check stands."""
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells].index(grade_id)


def _added(source: str) -> NotebookNode:
    return nbformat.v4.new_code_cell(source)


def _renamed(grade_id: str, new_id: str) -> Callable:
    return lambda cells: cells[at(cells, grade_id)].update(id=new_id)


def _moved_before(grade_id: str, target: str) -> Callable:
    return lambda cells: cells.insert(at(cells, target), cells.pop(at(cells, grade_id)))


def _as_markdown(place: Callable[[list[NotebookNode]], int]) -> Callable:
    return lambda cells: cells[place(cells)].update(cell_type="markdown")


def _split(cells: list[NotebookNode]) -> None:
    """The cell of `mean` in two, after its first three lines."""
    place = at(cells, "mean")
    lines = cells[place].source.split("\n")
    cells[place].source = "\n".join(lines[:3])
    cells.insert(place + 1, _added("\n".join(lines[3:])))


def _merged_into_check(cells: list[NotebookNode]) -> None:
    """The solution pasted above the assertions of its check, its own cell left empty."""
    own, check = cells[at(cells, "mean")], cells[at(cells, "mean-check")]
    check.source, own.source = f"{own.source}\n{check.source}", ""


def _merged_with_next(cells: list[NotebookNode]) -> None:
    """Both exercises in one cell."""
    own, other = cells[at(cells, "mean")], cells[at(cells, "longest")]
    own.source += f"\n\n{other.source}"
    cells.remove(other)


DEFINITIONS = [
    Answer("under if", f"import sys\nif sys.version_info >= (3, 0):\n    def mean(values):\n        return {SUM}\nelse:\n    mean = None\n"),
    Answer("under try", f"try:\n    from statistics import no_such as mean\nexcept ImportError:\n    def mean(values):\n        return {SUM}\n"),
    Answer("under with", f"import warnings\nwith warnings.catch_warnings():\n    def mean(values):\n        return {SUM}\n"),
    Answer("in a loop", f"for _ in range(1):\n    def mean(values):\n        return {SUM}\n"),
    Answer("under match", f"match 1:\n    case 1:\n        def mean(values):\n            return {SUM}\n"),
    Answer("a lambda", f"mean = lambda values: {SUM}\n"),
    Answer("a lambda with a type", f"from typing import Callable\nmean: Callable = lambda values: {SUM}\n"),
    Answer("one of a pair", f"mean, other = (lambda values: {SUM}), 1\n"),
    Answer("a walrus", f"(mean := lambda values: {SUM})\n"),
    Answer("functools.partial", "import functools\ndef power_mean(values, power):\n    return (sum(v**power for v in values) / len(values)) ** (1 / power)\nmean = functools.partial(power_mean, power=1)\n"),
    Answer("a decorator of its own", f"import functools\ndef logged(function):\n    @functools.wraps(function)\n    def call(*args):\n        return function(*args)\n    return call\n@logged\ndef mean(values):\n    return {SUM}\n"),
    Answer("a decorator of another cell", f"@logged\ndef mean(values):\n    return {SUM}\n", before=("def logged(function):\n    return lambda *args: function(*args)\n",)),
    Answer("an object with __call__", f"class Mean:\n    def __call__(self, values):\n        return {SUM}\nmean = Mean()\n"),
    Answer("a class whose __new__ answers", f"class mean:\n    def __new__(cls, values):\n        return {SUM}\n"),
    Answer("exec", f"exec('''\ndef mean(values):\n    return {SUM}\n''')\n"),
    Answer("globals()", f"globals()['mean'] = lambda values: {SUM}\n"),
    Answer("global in another function", f"def install():\n    global mean\n    def mean(values):\n        return {SUM}\ninstall()\n"),
    Answer("an import", "from statistics import fmean as mean\n"),
    Answer("a star import", "from statistics import *\n"),
    Answer("an alias below", f"def average(values):\n    return {SUM}\n\nmean = average\n"),
    Answer("wrapped afterwards", RIGHT + "import functools\nmean = functools.lru_cache(mean) if False else mean\n"),
    Answer("a method", f"class Statistics:\n    @staticmethod\n    def mean(values):\n        return {SUM}\n\nmean = Statistics.mean\n"),
    Answer("a generator's send", "def averager():\n    answer = None\n    while True:\n        values = yield answer\n        answer = sum(values) / len(values)\nrunning = averager()\nnext(running)\nmean = running.send\n"),
    Answer("defined under if in an added cell", "", after=(f"if True:\n    def mean(values):\n        return {SUM}\n",)),
    Answer("by another name", f"def average(values):\n    return {SUM}\n", points=0.0, says="does not define the function mean"),
    Answer("only inside a function", f"def install():\n    def mean(values):\n        return {SUM}\ninstall()\n", points=0.0, says="mean"),
    Answer("under a condition that fails", f"if False:\n    def mean(values):\n        return {SUM}\n", points=0.0, says="mean"),
]  # fmt: skip
IPYTHON = [
    Answer("get_ipython", "shell = get_ipython()\nshell.run_line_magic('precision', '3')\n" + RIGHT),
    Answer("get_ipython by import", "from IPython import get_ipython\nget_ipython().run_line_magic('pwd', '')\n" + RIGHT),
    Answer("asks where it runs", "try:\n    in_notebook = get_ipython().__class__.__name__ == 'ZMQInteractiveShell'\nexcept NameError:\n    in_notebook = False\nassert in_notebook, 'run me in Jupyter'\n" + RIGHT),
    Answer("display", "display('a', [1, 2])\n" + RIGHT + "display(mean([1, 2]))\n"),
    Answer("display of HTML", "from IPython.display import HTML, Markdown, clear_output, display\ndisplay(HTML('<b>a</b>'), Markdown('*a*'))\nclear_output()\n" + RIGHT),
    Answer("display in the function", "def mean(values):\n    display(values)\n    return sum(values) / len(values)\n"),
    Answer("%matplotlib inline", "%matplotlib inline\n" + RIGHT),
    Answer("%config and %load_ext", "%load_ext autoreload\n%autoreload 2\n%load_ext line_profiler\n%config InlineBackend.figure_format = 'retina'\n" + RIGHT),
    Answer("%%time", "%%time\n" + RIGHT),
    Answer("%%time over %matplotlib", "%%time\n%matplotlib inline\n" + RIGHT),
    Answer("%%capture with a name", "%%capture said\nprint('a')\n" + RIGHT, after=("said.show()\nlen(said.stdout)\n",)),
    Answer("%time with a value", "%time total = sum([1, 2])\n" + RIGHT + "assert total == 3\n"),
    Answer("%timeit in the middle", RIGHT + "%timeit mean([1, 2])\nprint('timed')\n"),
    Answer("%timeit -o", RIGHT + "took = %timeit -o -n 1000 -r 3 mean([1, 2])\nassert took.average > 0\n"),
    Answer("%timeit under a loop", RIGHT + "for size in (10, 20):\n    %timeit -n 10 -r 1 mean(list(range(size)))\n"),
    Answer("a magic after a docstring that looks like one", '%matplotlib inline\ndef mean(values):\n    """The mean\n    %of all values\n!really\n"""\n    assert "%of all" in mean.__doc__ and "!really" in mean.__doc__\n    return sum(values) / len(values)\n'),
    Answer("help with ?", "sum?\n?len\nsum??\n" + RIGHT),
    Answer("!ls", "!ls -l\n" + RIGHT),
    Answer("name = !ls", "lines = !printf 'a\\nb\\n'\nassert list(lines) == ['a', 'b']\n" + RIGHT),
    Answer("! with a Python name in it", "name = 'a b'\nsaid = !echo {name} $name\nassert said[0] == 'a b a b', said\n" + RIGHT),
    Answer("! with a continued line", "!echo a \\\n  b\n" + RIGHT),
    Answer("!pip install of what is there", "!pip install -q numpy\n%pip install torch\nimport numpy as np\ndef mean(values):\n    return float(np.mean(values))\n", says="nothing can be installed"),
    Answer("!pip install of what is not", "!pip install -q no-such-package-7\nimport no_such_package_7\n" + RIGHT, says="nothing can be installed"),
    Answer("an import under the answer's own that is missing here", "import numpy as np, no_such_package_7\nfrom no_such_package_7 import nothing\nimport torch\ndef mean(values):\n    return float(torch.tensor(values, dtype=torch.float64).mean())\n"),
    Answer("!pip install that the answer needs", "!pip install -q no-such-package-7\nimport no_such_package_7\ndef mean(values):\n    return no_such_package_7.mean(values)\n", points=0.0, says="no_such_package_7"),
    Answer("%%bash", before=("%%bash\necho hello\n",)),
    Answer("%%bash that writes a module", "from written import mean\n", before=("%%bash\ncat > written.py <<'END'\ndef mean(values):\n    return sum(values) / len(values)\nEND\n",)),
    Answer("%%bash over the answer", "%%bash\n" + RIGHT, points=0.0, says="%%bash"),
    Answer("%%html and %%javascript", before=("%%html\n<b>a</b>\n", "%%javascript\nalert(1)\n")),
    Answer("%%writefile, import in the answer", "from helper import helper\n" + CALLS_HELPER, before=("%%writefile helper.py\n" + HELPER,)),
    Answer("%%writefile, import in another cell", CALLS_HELPER, before=("%%writefile helper.py\n" + HELPER, "import helper as written\nhelper = written.helper\n")),
    Answer("%%writefile, import inside the function", "def mean(values):\n    from helper import helper\n    return helper(values)\n", before=("%%writefile helper.py\n" + HELPER,)),
    Answer("%%writefile of the answer", "%%writefile answer.py\n" + RIGHT, after=("from answer import mean\n",)),
    Answer("%%writefile of the answer and %run", "%%writefile answer.py\n" + RIGHT, after=("%run answer.py\n",)),
    Answer("%%writefile -a", "from helper import mean\n", before=("%%writefile helper.py\nA = 1\n", "%%writefile -a helper.py\n" + RIGHT)),
    Answer("%%writefile into a new folder", "from tools.helper import mean\n", before=("%mkdir tools\n", "%%writefile tools/helper.py\n" + RIGHT)),
    Answer("a file written by Python", "import pathlib\npathlib.Path('mine.py').write_text('def mean(values):\\n    return sum(values) / len(values)\\n')\nimport mine\nmean = mine.mean\n"),
    Answer("%cd and %env", "%env MINE=3\n%cd -q /tmp\nimport os\nassert os.environ['MINE'] == '3'\n" + RIGHT),
    Answer("a magic that nobody has", RIGHT + "%no_such_magic 3\n"),
    Answer("prompts that were pasted", ">>> def mean(values):\n...     return sum(values) / len(values)\n"),
    Answer("indented as a whole", "    def mean(values):\n        return sum(values) / len(values)\n"),
    Answer("the last value", RIGHT + "mean([1, 2])\n"),
    Answer("__builtins__", "__builtins__.print('a')\n" + RIGHT),
    Answer("tqdm.notebook", "from tqdm.notebook import tqdm\ndef mean(values):\n    return sum(tqdm(values)) / len(values)\n"),
    Answer("a widget", "from ipywidgets import interact\n" + RIGHT + "@interact(x=(0, 10))\ndef show(x=3):\n    return x\n"),
    Answer("a widget for output", "import ipywidgets as widgets\nout = widgets.Output()\nwith out:\n    print('a')\n" + RIGHT + "display(out)\n"),
    Answer("a plot", "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nplt.savefig('plot.png')\n" + RIGHT),
    Answer("%pylab", "%pylab inline\nmean = lambda values: float(average(values))\n"),
    Answer("a magic of its own", "from IPython.core.magic import register_line_magic, register_cell_magic\n@register_line_magic\ndef double(line):\n    return 2 * int(line)\n@register_cell_magic\ndef skip(line, cell):\n    pass\n", after=("%double 3\n" , "%%skip\nraise ValueError\n", "six = %double 3\nassert six == 6\n"+RIGHT)),
    Answer("the last value by its name _", before=("1 + 2\n",), own="three = _\nassert three == 3 and Out\n"+RIGHT, points=0.0, says="_"),
    Answer("%%timeit over the answer", "%%timeit -n 1 -r 1\n" + RIGHT),
    Answer("an extension that is missing here", "%load_ext dotenv\n%dotenv\n" + RIGHT),
    Answer("tensorboard", "%load_ext tensorboard\n%tensorboard --logdir runs\n" + RIGHT),
    Answer("%debug below", RIGHT + "%debug\n"),
    Answer("breakpoint() below", RIGHT + "breakpoint()\n"),
    Answer("a module of Colab", "from google.colab import drive\ndrive.mount('/content/drive')\n" + RIGHT, points=0, says="google"),
    Answer("a module of Colab, only there", "import sys\nif 'google.colab' in sys.modules:\n    from google.colab import drive\n" + RIGHT),
]  # fmt: skip
ASYNC = [
    Answer("await at the top", "import asyncio\nawait asyncio.sleep(0)\n" + RIGHT),
    Answer("await of an own coroutine", "async def ready():\n    return 3\nnumber = await ready()\n" + RIGHT + "assert number == 3\n"),
    Answer("async for and async with", "import contextlib\nasync def numbers():\n    yield 1\n@contextlib.asynccontextmanager\nasync def opened():\n    yield 2\nasync for one in numbers():\n    pass\nasync with opened() as two:\n    pass\nthree = [n async for n in numbers()]\n" + RIGHT + "assert (one, two, three) == (1, 2, [1])\n"),
    Answer("a definition under async with", "import contextlib\n@contextlib.asynccontextmanager\nasync def opened():\n    yield 2\nasync with opened():\n    def mean(values):\n        return sum(values) / len(values)\n"),
    Answer("a task of one cell, awaited in another", before=("import asyncio\nasync def ready():\n    return 3\ntask = asyncio.create_task(ready())\n", "number = await task\nassert number == 3\n")),
    Answer("await in an added cell that the answer needs", "def mean(values):\n    return sum(values) / len(values) * one\n", before=("async def ready():\n    return 1\none = await ready()\n",)),
    Answer("asyncio.run in the function", "import asyncio\nasync def work(values):\n    return sum(values) / len(values)\ndef mean(values):\n    return asyncio.run(work(values))\n"),
    Answer("asyncio.run in the cell, then await", "import asyncio\nasync def ready():\n    return 3\ntry:\n    asyncio.run(ready())\nexcept RuntimeError:\n    await ready()\n" + RIGHT),
    Answer("nest_asyncio", "import asyncio\nimport nest_asyncio2 as nest_asyncio\nnest_asyncio.apply()\nasync def work(values):\n    return sum(values) / len(values)\ndef mean(values):\n    return asyncio.get_event_loop().run_until_complete(work(values))\nassert mean([1]) == 1\n"),
    Answer("nest_asyncio and await", "import asyncio\nimport nest_asyncio2 as nest_asyncio\nnest_asyncio.apply()\nawait asyncio.sleep(0)\nasync def work(values):\n    return sum(values) / len(values)\ndef mean(values):\n    return asyncio.run(work(values))\nassert mean([1]) == 1\n"),
    Answer("a loop in a thread", "import asyncio\nfrom concurrent.futures import ThreadPoolExecutor\nasync def work(values):\n    return sum(values) / len(values)\ndef mean(values):\n    with ThreadPoolExecutor() as pool:\n        return pool.submit(asyncio.run, work(values)).result()\n"),
    Answer("await %%time", "%%time\nimport asyncio\nawait asyncio.sleep(0)\n" + RIGHT),
    Answer("an async answer", "async def mean(values):\n    return sum(values) / len(values)\n", points=0.0),
]  # fmt: skip
PLACES = [
    Answer("a helper in the check's cell", CALLS_HELPER, check=HELPER),
    Answer("a helper in the check's cell, by assignment", CALLS_HELPER, check="import functools\nhelper = lambda values: functools.reduce(lambda a, b: a + b, values) / len(values)\n"),
    Answer("a helper in the check's cell, under try", CALLS_HELPER, check="try:\n    from no_such_module import helper\nexcept ImportError:\n    def helper(values):\n        return sum(values) / len(values)\n"),
    Answer("a helper in an added cell", CALLS_HELPER, before=(HELPER,)),
    Answer("a helper below", CALLS_HELPER, after=(HELPER,)),
    Answer("a helper at the end", CALLS_HELPER, end=(HELPER,)),
    Answer("a helper in a Markdown cell", CALLS_HELPER, before=(HELPER,), change=_as_markdown(lambda cells: at(cells, "mean") - 1)),
    Answer("the answer in a Markdown cell", change=_as_markdown(lambda cells: at(cells, "mean"))),
    Answer("the answer in the check's cell", change=_merged_into_check),
    Answer("a helper in another exercise's cell", CALLS_HELPER, change=lambda cells: cells[at(cells, "fitting")].update(source=HELPER + "\n" + cells[at(cells, "fitting")].source)),
    Answer("a class that a helper's cell extends", "def mean(values):\n    return Better(values).mean()\n", before=("class Base:\n    def __init__(self, values):\n        self.values = values\n", "class Better(Base):\n    def mean(self):\n        return sum(self.values) / len(self.values)\n")),
    Answer("calls another exercise's function", "def mean(values):\n    assert longest(['a', 'bb']) == 'bb' and fitting(10, 4, 3) == 2\n    return sum(values) / len(values)\n"),
    Answer("calls another exercise's function at once, which was moved up", "assert longest(['a', 'bb']) == 'bb'\n" + RIGHT, change=_moved_before("longest", "mean")),
    Answer("decorated by another exercise, which was moved up", "label = longest(['a', 'bb'])\nif label == 'bb':\n    def mean(values):\n        return sum(values) / len(values)\n", change=_moved_before("longest", "mean")),
    Answer("its cell's id is new", change=_renamed("mean", "other")),
    Answer("merged with the next exercise", change=_merged_with_next),
    Answer("split in the middle of the function", "def mean(values):\n    total = 0\n    for value in values:\n        total += value\n    return total / len(values)\n", change=_split),
    Answer("split between functions", HELPER + "\n" + CALLS_HELPER, change=_split),
    Answer("two answers, the right one later", "def mean(values):\n    return 0\n", after=(RIGHT,)),
    Answer("two answers, the wrong one later", after=("def mean(values):\n    return 0\n",), points=0.0),
    Answer("two answers, the right one of two copies of the cell", "def mean(values):\n    return 0\n", change=lambda cells: cells.insert(at(cells, "mean") + 1, nbformat.from_dict({**cells[at(cells, "mean")], "id": "copied", "source": RIGHT}))),
    Answer("an experiment after the check", end=("def mean(values):\n    return 0\n\n\nprint(mean([1]))\n",)),
    Answer("blank, answered at the end", "def mean(values):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n", end=(RIGHT,)),
    Answer("an experiment before", before=("def mean(values):\n    return 0\n",)),
    Answer("twice in its own cell", "def mean(values):\n    return 0\n\n\n" + RIGHT),
    Answer("a helper twice", CALLS_HELPER, before=("def helper(values):\n    return 0\n", HELPER)),
    Answer("a helper that shadows the setup's", before=("checks = None\nutils = None\n",)),
    Answer("a constant that shadows the setup's", before=("HEIGHTS = [1]\n",)),
    Answer("its setup cell was edited and holds an import", "def mean(values):\n    return math.fsum(values) / len(values)\n", change=lambda cells: next(cell for cell in cells if cell.source.startswith("import utils")).update(source="import math\nimport utils\nfrom utils import checks, runtime\n")),
    Answer("a helper made by a call in the setup's cell", "def mean(values):\n    return add(*values) / len(values)\n", change=lambda cells: next(cell for cell in cells if cell.source.startswith("HEIGHTS")).update(source="HEIGHTS = [4, 6]\nadd = (lambda kind: lambda *values: sum(values))('all')\n")),
    Answer("a star import in an added cell", "def mean(values):\n    return fsum(values) / len(values)\n", before=("from math import *\n",)),
    Answer("the import's cell was deleted", "def mean(values: List[float]) -> float:\n    return sum(values) / len(values)\n", points=0.0, says="List"),
    Answer("annotations from the future", "from __future__ import annotations\ndef mean(values: List[float]) -> Nothing:\n    return sum(values) / len(values)\n"),
    Answer("annotations from the future, in an earlier cell", "def mean(values: List[float]) -> Nothing:\n    return sum(values) / len(values)\n", before=("from __future__ import annotations\n",)),
    Answer("annotations from the future, merged", "from __future__ import annotations\ndef mean(values: List[float]) -> Nothing:\n    return sum(values) / len(values)\n", change=_merged_with_next),
    Answer("two exercises' helpers have one name", "def helper(values):\n    return sum(values) / len(values)\n"+CALLS_HELPER, change=lambda cells: cells[at(cells, "longest")].update(source="def helper(titles):\n    return max(titles, key=len)\ndef longest(titles):\n    return helper(titles)\n")),
    Answer("an added cell that is no Python", after=("this is no python\n",)),
    Answer("a line below that is no Python", RIGHT + "print 'a'\n"),
    Answer("a helper in a raw cell", CALLS_HELPER, before=(HELPER,), change=lambda cells: cells[at(cells, "mean")-1].update(cell_type="raw")),
    Answer("split below a magic", "%matplotlib inline\ndef mean(values):\n    total = 0\n    for value in values:\n        total += value\n    return total / len(values)\n", change=_split),
    Answer("split below two magics", "%%time\n%matplotlib inline\ndef mean(values):\n    total = 0\n    for value in values:\n        total += value\n    return total / len(values)\n", change=_split),
    Answer("a helper and a magic in the check's cell", check="%matplotlib inline\n" + HELPER, own=CALLS_HELPER),
    Answer("an answer and a magic in the check's cell", "%matplotlib inline\n" + RIGHT, change=_merged_into_check),
    Answer("a magic, merged with the next exercise", "%matplotlib inline\n" + RIGHT, change=_merged_with_next),
    Answer("the name of an exception first", "try:\n    raise ValueError\nexcept ValueError as mean:\n    pass\n" + RIGHT),
    Answer("takes a value of the lesson", "def mean(values):\n    assert lesson_ran\n    return sum(values) / len(values)\n"),
    Answer("takes a value added to a lesson's cell", "def mean(values):\n    return sum(values) / len(values) + offset\n", change=lambda cells: next(c for c in cells if c.source == "lesson_ran = True").update(source="lesson_ran = True\noffset = sum(range(3)) - 3\n")),
    Answer("two helpers of one name, one below the check", CALLS_HELPER, before=(HELPER,), change=lambda cells: (cells.insert(at(cells, "longest"), _added("def helper(titles):\n    return max(titles, key=len)\n")), cells[at(cells, "longest")].update(source="def longest(titles):\n    return helper(titles)\n"))),
    Answer("a constant that is bound again below the check", "def mean(values):\n    return sum(values) / len(values) + n\n", before=("n = 0\n",), end=("n = 5\n",)),
    Answer("deletes its helper below the check", before=(HELPER,), own=CALLS_HELPER, end=("del helper\n",)),
    Answer("deletes its function below the check", end=("del mean\n",)),
    Answer("%reset below the check", end=("%reset -f\n",)),
    Answer("calls another exercise's function, whose helper a cell below binds again", "def mean(values):\n    assert fitting(10, 4, 3) == 2\n    return helper(values)\n", before=(HELPER,), end=("helper = None\n",)),
]  # fmt: skip
MAIN_MODULE = [
    Answer("multiprocessing.Pool", "from multiprocessing import Pool\ndef half(value):\n    return value / 2\ndef mean(values):\n    with Pool(2) as pool:\n        return 2 * sum(pool.map(half, values)) / len(values)\n"),
    Answer("multiprocessing.Pool of every core", "from multiprocessing import Pool\ndef half(value):\n    return value / 2\ndef mean(values):\n    with Pool() as pool:\n        return 2 * sum(pool.map(half, values)) / len(values)\n"),
    Answer("multiprocessing.Process and a queue", "import multiprocessing\ndef work(values, queue):\n    queue.put(sum(values) / len(values))\ndef mean(values):\n    queue = multiprocessing.Queue()\n    process = multiprocessing.Process(target=work, args=(values, queue))\n    process.start()\n    answer = queue.get()\n    process.join()\n    return answer\n"),
    Answer("ProcessPoolExecutor", "from concurrent.futures import ProcessPoolExecutor\ndef half(value):\n    return value / 2\ndef mean(values):\n    with ProcessPoolExecutor(2) as pool:\n        return 2 * sum(pool.map(half, values)) / len(values)\n"),
    Answer("joblib", "from joblib import Parallel, delayed\ndef half(value):\n    return value / 2\ndef mean(values):\n    return 2 * sum(Parallel(n_jobs=2)(delayed(half)(value) for value in values)) / len(values)\n"),
    Answer("DataLoader with workers", "import torch\nclass Numbers(torch.utils.data.Dataset):\n    def __init__(self, values):\n        self.values = values\n    def __len__(self):\n        return len(self.values)\n    def __getitem__(self, index):\n        return torch.tensor(float(self.values[index]))\ndef mean(values):\n    loader = torch.utils.data.DataLoader(Numbers(values), num_workers=2)\n    return torch.cat(list(loader)).mean().item()\n"),
    Answer("spawn", "import multiprocessing\ndef half(value):\n    return value / 2\ndef mean(values):\n    with multiprocessing.get_context('spawn').Pool(2) as pool:\n        return 2 * sum(pool.map(half, values)) / len(values)\n", points=0.0, says="spawned knows no function"),
    Answer("pickle of an own class", "import pickle\nclass Box:\n    def __init__(self, values):\n        self.values = values\ndef mean(values):\n    values = pickle.loads(pickle.dumps(Box(values))).values\n    return sum(values) / len(values)\n"),
    Answer("inspect.getsource", RIGHT + "import inspect\nassert inspect.getsource(mean).startswith('def mean')\n"),
    Answer("inspect.getsource of another cell", RIGHT, before=("# form feed \x0c and a line separator \u2028 here\n" + HELPER,), after=("import inspect\nassert inspect.getsource(helper).startswith('def helper')\nassert inspect.getsource(mean).startswith('def mean')\n",)),
    Answer("dataclass", "from dataclasses import dataclass, field\n@dataclass(frozen=True, order=True)\nclass Numbers:\n    values: list = field(default_factory=list)\n    def mean(self):\n        return sum(self.values) / len(self.values)\ndef mean(values):\n    return Numbers(values).mean()\n"),
    Answer("dataclass with types in quotes", "from __future__ import annotations\nimport typing\nfrom dataclasses import KW_ONLY, dataclass\n@dataclass\nclass Numbers:\n    values: list[float]\n    _: KW_ONLY\n    kind: typing.ClassVar[int] = 1\n    next: Numbers | None = None\ntyping.get_type_hints(Numbers)\ndef mean(values):\n    assert typing.get_type_hints(Numbers)['next'] == typing.Optional[Numbers]\n    return sum(Numbers(values).values) / len(values)\n"),
    Answer("NamedTuple and Enum", "import enum, pickle, typing\nclass Kind(enum.Enum):\n    ALL = 1\nclass Numbers(typing.NamedTuple):\n    values: list\ndef mean(values):\n    assert pickle.loads(pickle.dumps(Kind.ALL)) is Kind.ALL\n    return sum(pickle.loads(pickle.dumps(Numbers(values))).values) / len(values)\n"),
    Answer("doctest", 'import doctest\ndef mean(values):\n    """\n    >>> mean([1, 2])\n    1.5\n    """\n    return sum(values) / len(values)\ntested = doctest.testmod()\nif tested.failed or not tested.attempted:\n    del mean\n'),
    Answer("if __name__ is __main__", f"if __name__ == '__main__':\n    def mean(values):\n        return {SUM}\n"),
    Answer("__file__, which a notebook has not", "import os\nhere = os.path.dirname(__file__)\n" + RIGHT, points=0.0, says="__file__"),
    Answer("the module __main__", "import __main__\n__main__.TWO = 2\ndef mean(values):\n    from __main__ import HEIGHTS, TWO\n    return sum(values) / len(values) * TWO / 2\nassert sys.modules['__main__'].mean is mean if 'sys' in globals() else __main__.mean is mean\n"),
    Answer("unittest in the cell", RIGHT + "import unittest\nclass TestMean(unittest.TestCase):\n    def test_mean(self):\n        self.assertEqual(mean([1, 2]), 1.5)\nran = unittest.main(argv=[''], verbosity=0, exit=False)\nif not ran.result.wasSuccessful() or ran.result.testsRun != 1:\n    del mean\n"),
    Answer("products in every width", "import torch\ndef mean(values):\n    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):\n        h = torch.ones(64, 64, dtype=dtype)\n        assert torch.nn.functional.linear(h, h)[0, 0] == (h @ h)[0, 0] == 64\n    return sum(values) / len(values)\n"),
    Answer("torch.jit.script", "import torch\nfrom typing import List\n@torch.jit.script\ndef total(values: List[float]) -> float:\n    result = 0.0\n    for value in values:\n        result += value\n    return result\ndef mean(values):\n    return total([float(value) for value in values]) / len(values)\n"),
    Answer("Python in a subprocess", "import subprocess, sys\ndef mean(values):\n    said = subprocess.run([sys.executable, '-c', f'v = {values}; print(sum(v) / len(v))'], capture_output=True, text=True)\n    return float(said.stdout)\n"),
    Answer("a main function", RIGHT + "def main():\n    print(mean([1]))\nif __name__ == '__main__':\n    main()\n"),
    Answer("argparse", RIGHT + "import argparse\nparser = argparse.ArgumentParser()\nargs = parser.parse_args()\n"),
    Answer("restores its globals", "saved = dict(globals())\n"+RIGHT+"globals().update(saved)\n"),
]  # fmt: skip
PROCESS = [
    Answer("prints before it is asked", "print('1.5', flush=True)\nimport os\nos.write(1, b'1.5')\n" + RIGHT + "print(mean([1, 2]))\n"),
    Answer("calls itself before it is asked", RIGHT + "answers = [mean([1, 2]) for _ in range(3)]\n"),
    Answer("asks for input", "name = input('your name? ')\n" + RIGHT, points=0.0, says="input"),
    Answer("asks for input after the answer", RIGHT + "name = input('your name? ')\n"),
    Answer("replaces sys.stdout", "import io, sys\nsys.stdout = io.StringIO()\n" + RIGHT),
    Answer("replaces sys.stdout, another prints", "import io, sys\nsys.stdout = io.StringIO()\nsys.stdout.close()\n" + RIGHT, after=("print('now')\n",), change=lambda cells: cells[at(cells, "longest")].update(source="def longest(titles):\n    print(titles)\n    return max(titles, key=len)\n")),
    Answer("closes stdout and stderr", RIGHT + "import sys\nsys.stdout.close()\nsys.stderr.close()\n", change=lambda cells: cells[at(cells, "longest")].update(source="print('now')\ndef longest(titles):\n    print(titles, flush=True)\n    return max(titles, key=len)\n")),
    Answer("closes the descriptors", RIGHT + "import os\nos.close(1)\nos.close(2)\n", change=lambda cells: cells[at(cells, "longest")].update(source="print('now', flush=True)\ndef longest(titles):\n    print(titles, flush=True)\n    return max(titles, key=len)\n")),
    Answer("deletes sys.stdout", RIGHT + "import sys\ndel sys.stdout\n", change=lambda cells: cells[at(cells, "longest")].update(source="print('now', flush=True)\ndef longest(titles):\n    print(titles, flush=True)\n    return max(titles, key=len)\n")),
    Answer("quit() at the end", RIGHT + "quit()\n"),
    Answer("exit(1) at the end", RIGHT + "exit(1)\n"),
    Answer("sys.exit in an added cell", before=("import sys\nsys.exit('done')\n",)),
    Answer("a signal handler and an alarm", RIGHT + "import signal\ndef late(*_):\n    raise TimeoutError\nsignal.signal(signal.SIGALRM, late)\nsignal.setitimer(signal.ITIMER_REAL, 0.2)\n", after=(), change=lambda cells: cells[at(cells, "longest")].update(source="import time\ndef longest(titles):\n    time.sleep(0.5)\n    return max(titles, key=len)\n")),
    Answer("an alarm of its own", "import signal\ndef mean(values):\n    def late(*_):\n        raise TimeoutError\n    signal.signal(signal.SIGALRM, late)\n    signal.alarm(2)\n    try:\n        return sum(values) / len(values)\n    finally:\n        signal.alarm(0)\n"),
    Answer("a low recursion limit", RIGHT + "import sys\nsys.setrecursionlimit(30)\n"),
    Answer("a high recursion limit", "import sys\nsys.setrecursionlimit(10_000)\ndef total(values):\n    return values[0] + total(values[1:]) if values else 0\ndef mean(values):\n    assert total([0] * 3000) == 0\n    return total(list(values)) / len(values)\n"),
    Answer("leaves the folder", RIGHT + "import os\nos.makedirs('mine', exist_ok=True)\nos.chdir('mine')\n"),
    Answer("threads that run on", RIGHT + "import threading, time\ndef forever():\n    while True:\n        time.sleep(0.01)\nfor _ in range(3):\n    threading.Thread(target=forever, daemon=True).start()\n"),
    Answer("warnings as errors", "import warnings\nwarnings.simplefilter('error')\n" + RIGHT),
    Answer("a profile function", RIGHT + "import sys\ndef profile(*_):\n    raise ValueError\nsys.setprofile(profile)\n"),
]  # fmt: skip
DAMAGE = [
    Answer("breaks a builtin", "import builtins\nbuiltins.max = builtins.len = None\ndef mean(values):\n    return len(values)\n", points=0.0),
    Answer("breaks isinstance", "import builtins\nbuiltins.isinstance = lambda *_: True\ndef mean(values):\n    return 0\n", points=0.0),
    Answer("breaks sys.modules", RIGHT + "import sys\nsys.modules.clear()\n"),
    Answer("breaks the import system", RIGHT + "import sys, builtins\nsys.meta_path.clear()\nsys.path.clear()\nbuiltins.__import__ = None\n"),
    Answer("ends the process", "import os\nos._exit(0)\n", points=0.0, says="does not define the function mean"),
    Answer("ends the process after the answer", RIGHT + "import os\nos._exit(0)\n", points=0.0, says="ended the process"),
    Answer("ends the process in the function", "import os\ndef mean(values):\n    os._exit(0)\n", points=0.0, says="ended the process"),
    Answer("replaces another exercise's function", RIGHT + "fitting = longest = None\n"),
    Answer("an added cell breaks builtins", before=("import builtins\nbuiltins.len = lambda _: 1\n",)),
    Answer("an added cell ends the process", before=("import os\nos._exit(0)\n",)),
    Answer("shadows builtins for all cells", "max = min = 0\n" + RIGHT),
    Answer("breaks print", RIGHT + "import builtins\nbuiltins.print = None\n", change=lambda cells: cells[at(cells, "longest")].update(source="print('now')\ndef longest(titles):\n    print(titles)\n    return max(titles, key=len)\n")),
    Answer("breaks torch", RIGHT + "import torch\ntorch.tensor = torch.Tensor = torch.get_rng_state = torch.set_rng_state = None\n", points=0.0, says="ended the process"),
    Answer("breaks json and struct", RIGHT + "import json, struct, socket\njson.dumps = json.loads = struct.pack = socket.socket.sendall = None\n", points=0.0, says="ended the process"),
    Answer("ends the process a little later", RIGHT + "import os, threading, time\ndef end():\n    time.sleep(0.3)\n    os._exit(0)\nthreading.Thread(target=end).start()\n", change=lambda cells: cells[at(cells, "longest")].update(source="import time\ntime.sleep(1)\n" + cells[at(cells, "longest")].source)),
    Answer("seeds and draws", RIGHT + "import random\nrandom.seed = random.random = None\nrandom.setstate = random.getstate = None\n", points=0.0, says="ended the process"),
    Answer("deletes another exercise's function", RIGHT + "del fitting\n"),
]  # fmt: skip
TEXT = [
    Answer("identifiers of another alphabet", "def mean(Werte):\n    größe, 数 = len(Werte), sum(Werte)\n    return 数 / größe\n"),
    Answer("the name in compatibility characters", f"def ｍｅａｎ(values):\n    return {SUM}\n"),
    Answer("tabs", "def mean(values):\n\treturn sum(values) / len(values)\n"),
    Answer("line ends of Windows", RIGHT.replace("\n", "\r\n")),
    Answer("line ends of Windows and a magic", ("%matplotlib inline\n" + RIGHT).replace("\n", "\r\n")),
    Answer("a byte order mark", "\ufeff" + RIGHT),
    Answer("a path of Windows in the docstring", 'def mean(values):\n    """Reads C:\\data\\new."""\n    return sum(values) / len(values)\n'),
    Answer("a path of Windows that is no escape", 'def mean(values):\n    """Reads C:\\Users\\me."""\n    return sum(values) / len(values)\n', points=0.0, says="SyntaxError"),
    Answer("a very long line", f"TABLE = [{', '.join(map(str, range(9000)))}]\ndef mean(values):\n    return sum(values) / len(values) + TABLE[0]\n"),
    Answer("a very long cell", f"TABLE = [{', '.join(map(str, range(20000)))}]\ndef mean(values):\n    return sum(values) / len(values) + TABLE[0]\n"),
    Answer("a very long cell with a lambda", f"TABLE = [{', '.join(map(str, range(20000)))}]\nmean = lambda values: sum(values) / len(values) + TABLE[0]\n"),
    Answer("very long text", f'TEXT = """{"word " * 15000}\n"""\ndef mean(values):\n    return sum(values) / len(values) + TEXT.count("x")\n'),
    Answer("comments only before it", "#!/usr/bin/env python\n# -*- coding: latin-1 -*-\n# Größe\n" + RIGHT),
    Answer("an empty cell with a line separator", before=("x = 'a\u2028b'\n",), own="def mean(values):\n    assert len(x) == 3\n    return sum(values) / len(values)\n"),
    Answer("a semicolon", "import math; mean = lambda values: math.fsum(values) / len(values);\n"),
]  # fmt: skip
ERRORS = [
    Answer("raises on a visible input", "import torch\n\ndef mean(values):\n    total = values.nothing\n    return total\n", points=0.0, says="(line 4: total = values.nothing)"),
    Answer("raises in a helper", CALLS_HELPER, before=("def helper(values):\n    a = 1\n    return values['x']\n",), points=0.0, says="(line 3: return values['x'])"),
    Answer("raises below a magic", "%%time\n\ndef mean(values):\n    return 1 / 0\n", points=0.0, says="(line 4: return 1 / 0)"),
    Answer("its cell raises", "x = 1\ny = undefined\n" + RIGHT, points=0.0, says="(line 2: y = undefined)"),
    Answer("its cell raises at an await", "import asyncio\nawait asyncio.sleep(None)\n" + RIGHT, points=0.0, says="(line 2: await asyncio.sleep(None))"),
]  # fmt: skip
ANSWERS = DEFINITIONS + IPYTHON + ASYNC + PLACES + MAIN_MODULE + PROCESS + DAMAGE + TEXT + ERRORS
