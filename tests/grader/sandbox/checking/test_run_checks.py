"""The process of the checks: what ends it when a comparison does not end."""

import subprocess
import sys

import pytest

# Two lists of forty levels that hold the level below twice: 2 ** 40 comparisons within one step of Python's.
ENDLESS = """
import time
from grader.sandbox.checking import run_checks

run_checks.GRACE_S = 0.1
one, two = [], []
for _ in range(40):
    one, two = [one, one], [two, two]
with run_checks._alarm(time.monotonic() + 0.1):
    one == two
"""
LOST = """
import time
from grader.sandbox.checking import remote, run_checks

class Slow:
    def __del__(self):
        time.sleep(0.3)

try:
    with run_checks._alarm(time.monotonic() + 0.1):
        Slow()
        while True:
            pass
except remote.Stopped as stop:
    raise SystemExit(7 if stop.reason == "time" else 8)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("source", "code"), [(ENDLESS, 1), (LOST, 7)], ids=["one step", "raised in a destructor"])
def test_a_comparison_that_does_not_end_is_ended(source, code):
    completed = subprocess.run([sys.executable, "-c", source], capture_output=True, timeout=60)
    assert completed.returncode == code, completed.stderr.decode()
