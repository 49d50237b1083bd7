"""A book of one chapter and one lab, built with this project's settings, theme and extensions."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from tests.support import child_process

ROOT = Path(__file__).resolve().parents[2]
TOC = """\
format: jb-book
root: book/intro
chapters:
  - file: book/syllabus
  - file: book/07_small
    sections:
      - file: labs/07_small/07_small
  - file: book/calculators
"""
CHAPTER = """\
---
jupytext:
  formats: md:myst
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# A small chapter

```{code-cell} ipython3
from myst_nb import glue
glue("c07_two", 2.0, display=False)
# No heading of the page. The next line is no target.
'''
(c07-none)=
'''
```

(c07-one)=
## The `first` section

Text. {ref}`The claim <claim-e7>` stands below.

(c07-two)=
Two.

```{claim} e7
```

```{quiz} 07_small
```
"""
CALCULATORS = """\
# Calculators

```{calculator} memory
Without scripts a parameter takes $4$ bytes.
```

```{calculator} scaling
Without scripts $C = 6ND$.
```

```{calculator} numbers
Without scripts π is 3.140625.
```
"""
CLAIMS = """\
- id: e7
  finding: holds
  title: two is small
  statement: Two is *small*.
  verdict: |
    True.

    It is {glue:text}`c07_two:.1f`, said {cite:t}`small2020`.
  source: '{cite:t}`small2020`, page 2.'
  check: $1 + 1 = 2$, by the cell above.
"""
SYLLABUS = """\
- chapters: [7]
  title: Small things
  items: {c07-one: The first thing, c07-two: The second thing}
- chapters: [8]
  title: Large things
  items: {c08-three: The third thing}
- chapters: [7, 8]
  title: Things of any size
  items: {c10-four: The fourth thing}
"""
QUIZ = """\
- id: sum
  question: |
    What is *one* and $1$?

    Count on your fingers.
  section: c07-two
  options:
    - {text: "`1`", why: You counted once.}
    - {text: "`2`", why: "You counted to {glue:text}`c07_two:.0f`.", correct: true}
    - {text: "`3`", why: Too many fingers.}
- id: colour
  question: Which colour has the sky?
  section: c07-one
  options:
    - {text: Blue, why: By day., correct: true}
    - {text: Green, why: That is grass.}
    - {text: Grey, why: Only in rain.}
"""
REFERENCES = "@book{small2020, author = {Small, Ann}, title = {Two}, publisher = {Three}, year = {2020}}\n"
FILES = {
    "_toc.yml": TOC,
    "book/intro.md": "# A small book\n\n```{claims-list}\n```\n\n```{bibliography}\n```\n",
    "book/syllabus.md": "# Syllabus\n\n## All\n\n```{syllabus}\n```\n",
    "book/07_small.md": CHAPTER,
    "book/calculators.md": CALCULATORS,
    "book/claims.yml": CLAIMS,
    "book/syllabus.yml": SYLLABUS,
    "book/quizzes/07_small.yml": QUIZ,
    "book/references.bib": REFERENCES,
}


def build(folder: Path, changed: dict[str, str] | None = None, whole: bool = True) -> tuple[int, str]:
    """Write the book into an empty folder and build it. Returns the exit status and what the builder said.

    changed: other text for some of the files. whole: with the chapter and the lab; else only what `changed` holds.
    """
    lab = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A small lab", id="title")])
    lab.metadata["mystnb"] = {"execution_mode": "off"}  # a kernel costs seconds
    files = FILES | {"labs/07_small/07_small.ipynb": nbformat.writes(lab)}
    files = (files if whole else {"book/references.bib": REFERENCES}) | (changed or {})
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "_config.yml", folder)
    shutil.copytree(ROOT / "book" / "_static", folder / "book" / "_static")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", folder, "-n", "-W", "--keep-going"]
    env = child_process.environment(folder / "_build", NO_COLOR="1")
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    return done.returncode, done.stdout + done.stderr
