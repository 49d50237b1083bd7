"""A small lab that obeys every rule, on a topic of no lab, so that each rule can be broken one at a time."""

import textwrap
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

NAME = "02_example"
CHAPTER = f"# Example\n\n[The lab](../labs/{NAME}/{NAME}.ipynb) counts lines on a shelf.\n"
MUTANTS = {
    "fitting/forgets_the_part_in_use": (
        "Divides the whole width.",
        "fitting-check",
        "def fitting(width: int, used: int, book: int) -> int:\n    return width // book\n",
    ),
    "fitting/rounds_up": (
        "Counts a book that stands over the edge.",
        "fitting-check",
        "def fitting(width: int, used: int, book: int) -> int:\n    return -(-(width - used) // book)\n",
    ),
    "fitting/negative": (
        "Gives a negative count when nothing fits.",
        "fitting-check",
        "def fitting(width: int, used: int, book: int) -> int:\n    return (width - used) // book\n",
    ),
    "mean/sum": ("Forgets to divide.", "mean-check", "def mean(values: list) -> float:\n    return sum(values)\n"),
    "mean/first": ("Takes one value.", "mean-check", "def mean(values: list) -> float:\n    return values[0]\n"),
    "mean/whole": (
        "Rounds.",
        "mean-check",
        "def mean(values: list) -> float:\n    return sum(values) // len(values)\n",
    ),
    "longest/first": ("Takes the first.", "longest-check", "def longest(t: list) -> str:\n    return t[0]\n"),
    "longest/last": ("Takes the last.", "longest-check", "def longest(t: list) -> str:\n    return t[-1]\n"),
    "longest/alphabet": ("Compares letters.", "longest-check", "def longest(t: list) -> str:\n    return max(t)\n"),
}


def text(source: str):
    return new_markdown_cell(textwrap.dedent(source).strip())


def code(source: str, *tags: str, **nbgrader):
    cell = new_code_cell(textwrap.dedent(source).strip())
    if tags:
        cell.metadata.tags = list(tags)
    if nbgrader:
        cell.metadata.nbgrader = {"schema_version": 3, "task": False, **nbgrader}
    return cell


def exercise(number: int, name: str, signature: str, example: str, solution: str, visible: str, hidden: str) -> list:
    """Statement, solution cell, check cell of two points."""
    body = f'{signature}\n    """The specification.\n\n    >>> {example}\n    """\n'
    body += f"    ### BEGIN SOLUTION\n    {solution}\n    ### END SOLUTION"
    check = f'"""{name}: by hand."""\n{visible}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS'
    return [
        text(f"**Exercise {number} (2 points).** Write `{name}`."),
        code(body, "hide-input", grade=False, solution=True, locked=False, grade_id=name),
        code(check, "hide-input", grade=True, solution=False, locked=True, grade_id=f"{name}-check", points=2),
    ]


def fitting() -> list:
    visible = 'assert fitting(10, 4, 3) == 2, "10 - 4 leaves room for two books of 3"'
    hidden = 'assert fitting(10, 5, 3) == 1, "a book over the edge falls down"\n'
    hidden += 'assert fitting(3, 4, 1) == 0, "when nothing fits the answer is 0"'
    signature = "def fitting(width: int, used: int, book: int) -> int:"
    solution = "return max(0, (width - used) // book)"
    return exercise(1, "fitting", signature, "fitting(10, 4, 3)\n    2", solution, visible, hidden)


def mean() -> list:
    visible = 'assert mean([1, 2]) == 1.5, "the mean of 1 and 2 lies between them"'
    hidden = 'assert mean(HEIGHTS) == 5, "the mean of 4 and 6 is 5"'
    signature, solution = "def mean(values: list) -> float:", "return sum(values) / len(values)"
    return exercise(2, "mean", signature, "mean([1, 2])\n    1.5", solution, visible, hidden)


def longest() -> list:
    visible = 'assert longest(["a", "ccc", "bb"]) == "ccc", "three letters are more than two"'
    hidden = 'assert longest(["aaa", "c"]) == "aaa", "length counts, not the alphabet"'
    signature, solution = "def longest(titles: list) -> str:", "return max(titles, key=len)"
    return exercise(3, "longest", signature, "longest(['a', 'bb'])\n    'bb'", solution, visible, hidden)


def opening() -> list:
    return [
        text(
            f"""
            # Books on a shelf

            How many books fit on a shelf?

            - Count what fits.
            - Average what stands.
            - Compare what differs.

            About 1 minute, 0.3 GB of memory, no network. Chapter: [Example](../../book/{NAME}.md).
            """
        ),
        code('PROFILE = "laptop"\nMODEL = "course"\nDATA = "course"\nSEED = 0', "parameters"),
        code(
            """
            import utils
            from utils import checks, runtime

            runtime.require_ours(utils)
            print(runtime.start(PROFILE, SEED))
            """
        ),
    ]


def lesson() -> list:
    return [
        text("## Predict\n\nWrite down how many books of 3 cm fit on 10 cm."),
        code("predicted = 0"),
        text("## Build a row\n\nA row is a list of heights in centimetres."),
        code("HEIGHTS = [4, 6]", "exercise-setup"),
        code("lesson_ran = True"),
        *fitting(),
        text("## Build an average\n\nThe mean says where the middle is."),
        *mean(),
        *longest(),
    ]


def closing() -> list:
    return [
        text("## Break it on purpose\n\nAn empty shelf has no mean."),
        code("with checks.breaks(ZeroDivisionError):\n    mean([])"),
        text("The sum is divided by a count of zero."),
        text("## Reconcile\n\nThe number you predicted, the measured one, and the published one."),
        code("print(predicted, fitting(10, 0, 3))"),
        text("## Recap\n\n- Counted.\n- Averaged.\n- Compared.\n\nSources: none. Next: lab 03."),
        text("## Full-scale run\n\nA library instead of a shelf."),
        code('if PROFILE == "full":\n    print(fitting(1_000_000, 0, 3))'),
    ]


def build() -> nbformat.NotebookNode:
    spec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return new_notebook(cells=[*opening(), *lesson(), *closing()], metadata={"kernelspec": spec})


VALIDATION = '''
"""mean: refuses what has no mean."""
checks.raises(ValueError, mean, [], what="an empty list", hint="Raise a ValueError.")
### BEGIN HIDDEN TESTS
checks.raises(ValueError, mean, (), what="an empty tuple", hint="Whatever is empty has no mean.")
### END HIDDEN TESTS
'''


def build_with_validation() -> nbformat.NotebookNode:
    """The lab in which `mean` has two check cells: two points for the mathematics, one for the refusal."""
    notebook = build()
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    solution = notebook.cells[names.index("mean")]
    refusal = '    if not len(values):\n        raise ValueError("an empty list has no mean")\n'
    solution.source = solution.source.replace("    return sum", f"{refusal}    return sum")
    graded = {"grade": True, "solution": False, "locked": True, "grade_id": "mean-validation", "points": 1}
    notebook.cells.insert(names.index("mean-check") + 1, code(VALIDATION, "hide-input", **graded))
    return notebook


def write(root: Path, notebook: nbformat.NotebookNode | None = None, chapter: str | None = CHAPTER) -> Path:
    """A course of one lab and one chapter below `root`; returns the lab's path."""
    path = root / "labs" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook or build(), path)
    (root / "book").mkdir()
    if chapter is not None:
        (root / "book" / f"{NAME}.md").write_text(chapter, encoding="utf-8")
    return path


def write_mutants(root: Path, mutants: dict | None = None) -> Path:
    """The mutants of the example's exercises below `root`, laid out as tests/mutants; returns `root`."""
    for name, (mistake, caught_by, source) in (MUTANTS if mutants is None else mutants).items():
        path = root / NAME / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'"""{mistake} Caught by {caught_by}."""\n\n\n{source}', encoding="utf-8")
    return root
