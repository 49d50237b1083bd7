"""What the tests of the grader share."""

import copy

import pytest

from grader import assignment
from tests.support import example_lab
from tests.support.result_pages import CANARY
from tests.support.submitted_notebooks import LAB, student_version


@pytest.fixture
def notebook():
    """Lab 02 as a student gets it, solved."""
    return student_version(LAB, solved=True)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The example lab with a canary in every hidden check."""
    notebook = copy.deepcopy(example_lab.build())
    for cell in notebook.cells:
        cell.source = cell.source.replace("### BEGIN HIDDEN TESTS\n", f"### BEGIN HIDDEN TESTS\n# {CANARY}\n")
    return assignment.read(example_lab.write(tmp_path_factory.mktemp("lab"), notebook))
