"""Syntax of a newer Python is told apart from wrong syntax, and the student reads which Python grades."""

import sys

import pytest

from grader.repair import newer_syntax, rebuild
from tests.support.submitted_notebooks import LAB, answered, code, named, sources

NEWER = {
    'x = f"{b["d"]}"': (3, 12),
    'x = f"{", ".join(a)} {chr(10)}"': (3, 12),
    'x = f"{"\\n".join(a)}"': (3, 12),
    'x = f"{\n a\n}"': (3, 12),
    'x = f"""{a  # why\n}"""': (3, 12),
    "def f[T](x: T) -> T:\n    return x": (3, 12),
    "class Stack[T]:\n    pass": (3, 12),
    "type Pair = tuple[int, int]": (3, 12),
    "class Stack[T = int]:\n    pass": (3, 13),
    "try:\n    pass\nexcept KeyError, ValueError:\n    pass": (3, 14),
    'x = t"{a}"': (3, 14),
}
WRONG = (
    "def f(:\n    pass",
    'x = f"{b["d"}"',
    'print "x"',
    "type Pair = tuple[int, int]\ndef f(:\n    pass",
    "f(a=1, 2)",
    "%%bash\nls",
    "-" * 40_000 + "1",
    "(" * 20_000,
    "x\0",
    "\ud800 = 1 +",
)
RIGHT = (
    "match x:\n    case 1:\n        pass",
    "try:\n    pass\nexcept* ValueError:\n    pass",
    "x = f'{b[\"d\"]}'",
    "await x",
)


@pytest.mark.parametrize("source", NEWER)
def test_the_version_is_told(source):
    assert newer_syntax.needed([("a", source)], (3, 11)) == {"a": NEWER[source]}
    assert newer_syntax.needed([("a", source)], NEWER[source]) == {}


@pytest.mark.parametrize("source", [*WRONG, *RIGHT], ids=range(len(WRONG + RIGHT)))
def test_wrong_syntax_is_no_newer_one_and_right_syntax_neither(source):
    assert newer_syntax.needed([("a", source)], (3, 11)) == {}


def test_a_thousand_broken_cells_are_not_all_asked(monkeypatch):
    asked = []
    monkeypatch.setattr(newer_syntax, "_version", lambda source, accepted: asked.append(source))
    newer_syntax.needed([(str(number), f"{number} {number}") for number in range(1000)])
    assert len(asked) == newer_syntax.MAX_ASKED


def test_cells_for_ipython_start_no_program(monkeypatch):
    monkeypatch.setattr(newer_syntax, "_faults", lambda source, accepted: pytest.fail(source))
    assert newer_syntax.needed([("a", "%matplotlib inline\nx = 1"), ("b", "if x:\n    !ls")]) == {}


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python reads all of it")
def test_an_answer_in_newer_syntax_is_lost_for_that_reason_and_stays_to_be_read(notebook):
    source = "%time\ndef k_shot(target, examples):\n    return t'{target}'"
    named(notebook, "k-shot").source = source
    rebuilt = rebuild.rebuild(notebook, LAB)
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert dict(rebuilt.lost) == {"k-shot": f"This cell uses syntax of Python 3.14; it is graded with Python {here}."}
    assert sources(rebuilt)["k-shot"] == source
    assert not [repair for repair in rebuilt.repairs if "3.14" in repair]
    named(notebook, "k-shot").source += "\n)"
    assert rebuild.rebuild(notebook, LAB).lost == ()


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python reads all of it")
def test_what_is_newer_beside_an_answer_is_named_and_the_answer_kept(notebook):
    named(notebook, "k-shot").source += "\n\nhelper = t'{1}'"
    notebook.cells.append(code("other = t'{2}'"))
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert rebuilt.lost == ()
    assert answered(rebuilt)
    first, second = (repair for repair in rebuilt.repairs if "3.14" in repair)
    assert first.startswith("'def k_shot(")
    assert second.startswith('"other = t')
