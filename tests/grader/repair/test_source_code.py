"""What is no Python, or made to break a parser, costs nothing but itself."""

import pytest

from grader.repair import rebuild
from tests.support.submitted_notebooks import LAB, answered, code, named


def test_percent_signs_in_python_stay(notebook):
    notebook.cells.append(code('text = """\n%d\n!\n"""\nrest = (7\n% 4)'))
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert rebuilt.repairs == ()
    assert rebuilt.cells[-1][1] == notebook.cells[-1].source


def test_a_syntax_error_is_left_to_its_exercise(notebook):
    named(notebook, "k-shot").source = "def k_shot(target, examples)\n    return ''"
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert (rebuilt.repairs, rebuilt.lost) == ((), ())


@pytest.mark.parametrize(
    "source",
    [
        "x" + ".a" * 20_000,
        "f" + "()" * 20_000,
        "(" * 20_000,
        "-" * 40_000 + "1",
        "1" + "+1" * 20_000,
        "x\x00y",
        "\ud800",
        "x = 1\n" * 20_000,
        "'\\d'",
        "9" * 10_000,
        "\n" * 200_000,
        "@a\n" * 200_000,
        "%" + " " * 200_000 + "é",
    ],
)
def test_sources_made_to_break_a_parser_do_not(notebook, source):
    named(notebook, "largest-k").source += "\n" + source
    named(notebook, "imports").source += "\nimport json\n" + source
    notebook.cells.append(code(source))
    rebuilt = rebuild.rebuild(notebook, LAB)
    assert answered(rebuilt)
    assert rebuilt.lost == ()
