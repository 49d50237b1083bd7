"""The execution key: what an output may depend on changes it, and what no output shows leaves it alone."""

import nbformat
import pytest

from tools.site.execution_key import execution_keys

LAB, CHAPTER = "labs/02_small/02_small", "book/02_small"
FILES = {
    "utils/__init__.py": "",
    "utils/used.py": '"""Of use."""\n\nfrom utils import deep\n\n\ndef f():\n    """Two."""\n    deep.g()  # why\n',
    "utils/deep.py": '"""Deep."""\n\n\ndef g():\n    import utils.late\n\n    return "utils.started"\n',
    "utils/late.py": "x = 1\n",
    "utils/started.py": "x = 1\n",
    "utils/unused.py": "x = 1\n",
    "utils/helped.py": '"""Helps."""\n\nprint(__doc__)\n',
    "utils/assets/a.bin": "1",
    "grader/__init__.py": "",
    "grader/__main__.py": "x = 1\n",
    "labs/02_small/worker.py": "import utils.helped\n",
    "book/workers/02_ranks.py": "x = 1\n",
    "tests/mutants/02_small/wrong.py": "x = 1\n",
    "requirements.lock": "axe-playwright-python==0.1.8\ntorch==1\n",
}
# What is edited, the pages whose outputs depend on it, and the text put for the old one.
EDITS = {
    "an import's import": ("utils/deep.py", "g()", "g(a=1)", {LAB, CHAPTER}),
    "an import in a function": ("utils/late.py", "1", "2", {LAB, CHAPTER}),
    "a module started by name": ("utils/started.py", "1", "2", {LAB, CHAPTER}),
    "a module's docstring": ("utils/used.py", "Of use.", "Of much use.", set()),
    "a function's docstring": ("utils/used.py", "Two.", "Three.", set()),
    "a comment": ("utils/used.py", "why", "because", set()),
    "a module that nothing imports": ("utils/unused.py", "1", "2", set()),
    "a docstring that is printed": ("utils/helped.py", "Helps.", "Helped.", {LAB, CHAPTER}),
    "data of a package": ("utils/assets/a.bin", "1", "2", {LAB, CHAPTER}),
    "a program of a lab that a page grades": (
        "labs/02_small/worker.py",
        "utils.helped",
        "utils.late",
        {LAB, CHAPTER},
    ),
    "the chapter's worker": ("book/workers/02_ranks.py", "1", "2", {CHAPTER}),
    "a package run by name": ("grader/__main__.py", "1", "2", {CHAPTER}),
    "a wrong answer for the lab that a page grades": ("tests/mutants/02_small/wrong.py", "1", "2", {CHAPTER}),
    "the locked packages": ("requirements.lock", "torch==1", "torch==2", {LAB, CHAPTER}),
    "a package that only tests use": ("requirements.lock", "0.1.8", "0.1.9", set()),
}


def page(*sources, prose="# A page"):
    cells = [nbformat.v4.new_markdown_cell(prose), *map(nbformat.v4.new_code_cell, sources)]
    return nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )


@pytest.fixture
def course(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    pages = {
        LAB: page("from utils import used", "used.f()"),
        CHAPTER: page("from utils.used import f", "run('grader', '02_small', 'workers/02_ranks.py')"),
    }
    return tmp_path, pages


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_reaches_the_pages_that_may_show_it(course, edit):
    root, pages = course
    file, old, new, changed = EDITS[edit]
    before = execution_keys(root, pages)
    text = (root / file).read_text()
    assert old in text
    (root / file).write_text(text.replace(old, new))
    after = execution_keys(root, pages)
    assert {name for name in pages if before[name] != after[name]} == changed


@pytest.mark.parametrize(
    ("shown", "changes"),
    [("listing(used.__file__)", True), ("inspect.getsource(used.f)", True), ("listing('worker.py')", False)],
)
def test_a_notebook_that_shows_a_module_depends_on_every_letter_of_it(course, shown, changes):
    root, _ = course
    pages = {LAB: page("from utils import used", shown)}
    before = execution_keys(root, pages)
    (root / "utils/used.py").write_text(FILES["utils/used.py"].replace("Two.", "Three."))
    assert (execution_keys(root, pages) != before) is changes


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        (page("x = 1", "y = 2"), True),
        (page("x = 1", "y = 2", prose="# Better prose"), True),
        (page("x = 1", "y = 3"), False),
        (page("x = 1\ny = 2"), False),
        (page("y = 2", "x = 1"), False),
    ],
    ids=["nothing", "prose", "code", "one cell of two", "order"],
)
def test_code_cells_count_and_prose_does_not(course, changed, same):
    root, _ = course
    keys = [execution_keys(root, {LAB: one})[LAB] for one in (page("x = 1", "y = 2"), changed)]
    assert (keys[0] == keys[1]) is same


def test_a_cell_that_is_no_plain_python_counts_as_text(course):
    root, _ = course
    keys = [execution_keys(root, {LAB: page(f"%%bash\necho {word}")})[LAB] for word in ("one", "two")]
    assert keys[0] != keys[1]
