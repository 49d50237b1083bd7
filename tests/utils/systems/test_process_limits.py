"""The watchdog measures, and ends whole process trees: a sleeper, an allocator, a kernel in mid-notebook."""

import os
import subprocess
import sys
import time

import nbformat
import psutil
import pytest

from utils.systems import process_limits

pytestmark = [pytest.mark.slow, pytest.mark.alone]

MB = 1000**2
SLEEPER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session={session})
print(child.pid, flush=True)
{then}
"""
KEEPER = """
import os, signal, sys
from utils.systems import process_limits
inner = process_limits.ProcessTree([sys.executable, "-c", "import time; time.sleep(300)"])
print(inner.root.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def python(source, timeout_s=120, memory_bytes=None, **kwargs):
    return process_limits.run([sys.executable, "-c", source], timeout_s=timeout_s, memory_bytes=memory_bytes, **kwargs)


def cut_off(source):
    """The outcome of a command that prints once it is ready and then never ends; a busy machine gets a longer try."""
    for timeout_s in (3, 60):
        outcome = python(source, timeout_s=timeout_s)
        if outcome.stdout:
            break
    assert outcome.ended_by == "timeout"
    assert outcome.wall_s >= timeout_s
    return outcome


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_command_that_ends_by_itself_is_reported_as_it_was():
    outcome = python("import sys; print('café'); print('aside', file=sys.stderr); sys.exit(3)")
    assert (outcome.returncode, outcome.ended_by) == (3, "exit")
    assert (outcome.stdout, outcome.stderr) == ("café\n", "aside\n")


def test_wall_clock_is_measured():
    outcome = python("import time; time.sleep(0.5)")
    assert 0.5 <= outcome.wall_s < 60


def test_cwd_and_env_reach_the_command(tmp_path):
    env = {**os.environ, "GREETING": "hello"}
    outcome = python("import os; print(os.getcwd(), os.environ['GREETING'])", cwd=tmp_path, env=env)
    assert outcome.stdout.split() == [str(tmp_path.resolve()), "hello"]


@pytest.mark.parametrize("session", [False, True], ids=["same group", "own session"])
def test_timeout_ends_the_child_and_the_grandchild(session):
    outcome = cut_off(SLEEPER.format(session=session, then="time.sleep(300)"))
    assert outcome.returncode < 0
    assert is_gone(int(outcome.stdout))


def test_what_a_finished_command_left_behind_is_ended():
    outcome = python(SLEEPER.format(session=False, then="time.sleep(0.5)"))
    assert (outcome.returncode, outcome.ended_by) == (0, "exit")
    assert is_gone(int(outcome.stdout))


def test_an_orphan_in_a_session_of_its_own_is_ended():
    """Its parent ends before anybody looks: neither parents nor groups lead to it."""
    starter = SLEEPER.format(session=True, then="")
    outcome = python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {starter!r}])")
    assert (outcome.returncode, outcome.ended_by) == (0, "exit")
    assert is_gone(int(outcome.stdout))


def test_a_tree_inside_a_tree_ends_with_the_outer_one():
    """The inner one's keeper is killed and can end nothing."""
    outer = process_limits.ProcessTree([sys.executable, "-c", KEEPER], stdout=subprocess.PIPE)
    with outer.root.stdout as said:
        inner = int(said.readline())
    outer.root.wait()
    assert not is_gone(inner)
    outer.end()
    assert is_gone(inner)


def test_a_command_that_ignores_sigterm_is_killed():
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True)"
    assert cut_off(f"{deaf}; time.sleep(300)").returncode == -9


def test_an_allocator_is_ended_at_its_cap():
    outcome = python("import time; block = bytearray(b'x') * 300_000_000; time.sleep(100)", memory_bytes=150 * MB)
    assert outcome.ended_by == "memory"
    assert 150 * MB < outcome.peak_bytes < 500 * MB


def test_peak_counts_a_grandchild():
    grandchild = "import time; block = bytearray(b'x') * 100_000_000; time.sleep(1)"
    source = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"
    outcome = python(source, memory_bytes=1000 * MB)
    assert outcome.ended_by == "exit"
    assert 100 * MB < outcome.peak_bytes < 300 * MB


def test_output_larger_than_a_pipe_does_not_block():
    outcome = python("print('x' * 5_000_000)")
    assert (outcome.ended_by, len(outcome.stdout)) == ("exit", 5_000_001)


@pytest.mark.parametrize("limits", [{"timeout_s": 0}, {"memory_bytes": 0}])
def test_limits_must_be_positive(limits):
    with pytest.raises(ValueError, match="must be positive"):
        python("pass", **limits)


def test_an_interrupted_watch_leaves_nothing_running(monkeypatch, tmp_path):
    note = tmp_path / "pid"

    def interrupted(*_):
        while not (note.exists() and note.read_text()):
            time.sleep(0.05)
        raise KeyboardInterrupt

    monkeypatch.setattr(process_limits, "_watch", interrupted)
    source = f"import os, pathlib, time; pathlib.Path({str(note)!r}).write_text(str(os.getpid())); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        python(source)
    assert is_gone(int(note.read_text()))


def test_a_notebook_cut_off_keeps_the_cells_it_finished(tmp_path):
    source, partial = tmp_path / "lab.ipynb", tmp_path / "partial.ipynb"
    first = "import os\nprint(os.getpid())"
    cells = [nbformat.v4.new_code_cell(cell) for cell in (first, "import time\ntime.sleep(120)", "print('unreached')")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, source)
    command = [sys.executable, "-m", "papermill", source, partial, "--no-progress-bar"]
    # A busy machine may not reach the second cell in the first, short time.
    for timeout_s in (10, 60):
        outcome = process_limits.run(command, timeout_s=timeout_s, memory_bytes=2000 * MB, cwd=tmp_path)
        kept = nbformat.read(partial, as_version=4).cells if partial.exists() else []
        if kept and kept[0].outputs:
            break
    assert outcome.ended_by == "timeout", outcome.stderr
    assert [bool(cell.outputs) for cell in kept] == [True, False, False]
    assert is_gone(int(kept[0].outputs[0].text)), "the kernel has its own session and must be ended too"
