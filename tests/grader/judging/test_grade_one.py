"""One submission's way from its bytes: what cannot be put in order costs no more than its time, and the machine's own
faults cost nobody points.
"""

import json

import pytest

from grader import class_run
from grader.intake import collect
from grader.journal import Journal
from grader.judging import grade_one
from grader.records import Options, Task
from tools import sample_class
from utils.errors import CourseError


# Where the alarm comes while the collector runs a callback of hypothesis's, Python loses it, and the next one counts.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_notebook_that_takes_hours_to_put_in_order_is_given_up(monkeypatch, tmp_path):
    sample_class.write("02_prompting", 1, tmp_path / "class")
    (found,) = collect.collect(tmp_path / "class", tmp_path / "files")
    notebook = json.loads(found.path.read_bytes())
    first = notebook["cells"][0]
    # Halves of one cell, put together one by one and parsed again each time.
    halves = ["if 1:\n pass", *[" y = 1"] * 5000]
    notebook["cells"][:0] = [first | {"cell_type": "code", "source": half, "metadata": {}, "id": ""} for half in halves]
    monkeypatch.setattr(grade_one, "PREPARE_S", 1)
    task = Task("ada", found.assignment, found.digest, json.dumps(notebook).encode(), "", (), {}, Options())
    row = grade_one.grade(task)
    assert row.problem == grade_one.TOO_LONG
    assert row.earned == 0


@pytest.mark.slow
def test_a_machine_that_cannot_grade_gives_nobody_a_row(monkeypatch, tmp_path):
    sample_class.write("02_prompting", 2, tmp_path / "class")
    submissions = collect.collect(tmp_path / "class", tmp_path / "files")
    # Workers look for bwrap where this process does, and find none.
    monkeypatch.setenv("PATH", str(tmp_path))
    with Journal(tmp_path / "journal.jsonl") as journal, class_run.connected(None, 1) as client:
        with pytest.raises(CourseError, match="bwrap is not installed"):
            class_run.grade(submissions, journal, client, Options())
        assert not journal.rows
