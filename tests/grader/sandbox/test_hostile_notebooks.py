"""Every animal of the zoo gets what it is due, harms no other exercise, and leaves nothing behind."""

import os
import shutil

import psutil
import pytest

from grader import assignment
from grader.judging.judge import Judge
from grader.records import MEBIBYTE, Limits
from tests.support import example_lab, hostile_notebooks

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed: tools/packages.txt"),
]
LIMITS = Limits(exercise_s=5.0, memory_bytes=256 * MEBIBYTE, disk_bytes=16 * MEBIBYTE)


# What a submission sees of the process it runs in: its state, its files, what the kernel keeps for it.
WITNESS = """
import gc, glob, os, random, resource, signal, socket, sys, threading, time
import numpy, torch
print(os.getpid(), os.getppid(), os.getuid(), os.getcwd(), oct(os.umask(0o22)), os.nice(0), sorted(os.environ.items()))
print([sorted(os.listdir(folder)) for folder in (".", "/", "/tmp", "/dev", "/dev/shm", "/proc")], os.getgroups())
print(glob.glob("/proc/self/fd/*"), socket.gethostname(), sorted(os.sched_getaffinity(0)), flush=True)
print([resource.getrlimit(kind) for kind in range(16)], [signal.getsignal(number) for number in range(1, 32)])
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.getitimer(signal.ITIMER_REAL), threading.active_count())
print(random.random(), numpy.random.random(), torch.rand(1).item(), torch.get_num_threads(), torch.get_default_dtype())
print(HEIGHTS, sorted(name for name in globals() if not name.startswith("_")), sys.getrecursionlimit(), sys.flags)
print(numpy.geterr(), torch.is_grad_enabled(), sys.path, len(sys.modules), gc.isenabled(), flush=True)
def mean(values):
    return random.random() if values == [4, 6] else sum(values) / len(values)
"""


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    os.environ["GRADING_SECRET"] = hostile_notebooks.CANARY
    lab = assignment.read(example_lab.write(tmp_path_factory.mktemp("zoo")))
    with Judge(lab, LIMITS) as judge:
        yield judge


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The witness's row from a judge that has graded nothing before."""
    lab = assignment.read(example_lab.write(tmp_path_factory.mktemp("alone")))
    with Judge(lab, LIMITS) as judge:
        return row(judge)


def row(judge):
    """All that comes of the witness, but how long it took and how much memory."""
    outcome = judge.grade(cells(judge.assignment, WITNESS))
    assert outcome.printed.count("\n") > 7, outcome.printed
    return repr((outcome.results, outcome.printed, outcome.raised))
    del os.environ["GRADING_SECRET"]


def cells(lab, source):
    """A submission with right answers but in `mean`."""
    solved = {cell.id: cell.source for cell in lab.notebook.cells if assignment.is_solution(cell)}
    return [(each.cell_id, source if each.name == "mean" else solved[each.cell_id]) for each in lab.exercises]


@pytest.mark.parametrize("animal", hostile_notebooks.ANIMALS, ids=lambda animal: animal.name)
def test_an_animal_gets_what_it_is_due_and_the_next_student_sees_nothing_of_it(judge, alone, animal):
    outcome = judge.grade(cells(judge.assignment, animal.source))
    found = {result.check: result for result in outcome.results}
    assert found["mean-check"].earned == animal.points
    assert animal.says in found["mean-check"].hint
    assert (found["fitting-check"].earned, found["longest-check"].earned) == animal.others
    assert hostile_notebooks.CANARY not in repr(outcome)
    for box in (judge.guests, judge.checks):
        left = psutil.Process(box.process.pid).children(recursive=True)
        assert len(left) <= 2, f"only bubblewrap and the process it holds may be left, but {left} are"
    assert row(judge) == alone


def test_there_are_more_than_a_hundred_of_them():
    assert len({animal.name for animal in hostile_notebooks.ANIMALS}) == len(hostile_notebooks.ANIMALS) >= 108
