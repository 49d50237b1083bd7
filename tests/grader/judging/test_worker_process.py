"""The process beside a worker: a grade does not depend on the worker, and survives its end."""

import random
import shutil
import threading

import psutil
import pytest

from grader import assignment
from grader.intake import collect
from grader.judging import worker_process
from grader.records import Options, Task
from tools import sample_class

needs_bwrap = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed: tools/packages.txt"
)


@needs_bwrap
@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(200)
def test_a_grade_does_not_depend_on_other_threads_and_survives_its_process(tmp_path):
    """One check of this lab asks whether random's shared generator was left alone; a worker's threads draw from it."""
    sample_class.write("02_prompting", 1, tmp_path / "class")
    due = assignment.by_name("02_prompting").points
    (found,) = collect.collect(tmp_path / "class", tmp_path / "files")
    task = Task(found.student, found.assignment, found.digest, found.path.read_bytes(), "", (), {}, Options())
    over = threading.Event()

    def draw():
        while not over.wait(0.0001):
            random.random()

    noise = threading.Thread(target=draw)
    noise.start()
    try:
        assert worker_process.run(task).earned == due
        (child,) = [each for each in psutil.Process().children() if "grader.judging.grade_one" in each.cmdline()]
        child.kill()
        with pytest.raises((EOFError, OSError)):
            worker_process.run(task)
        assert worker_process.run(task).earned == due
    finally:
        over.set()
        noise.join()
        worker_process.close()
    assert not [each for each in psutil.Process().children() if "grader.judging.grade_one" in each.cmdline()]
