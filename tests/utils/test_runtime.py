"""What a notebook starts with: threads come from the call, the variable or the profile, in this order.

What child processes get and find, files that are written whole, and the memory of this process.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from utils import runtime
from utils.errors import CourseError


@pytest.fixture(autouse=True)
def threads_as_before():
    before, state = torch.get_num_threads(), torch.random.get_rng_state()
    yield
    torch.set_num_threads(before)
    torch.random.set_rng_state(state)


@pytest.mark.parametrize(("given", "variable", "threads"), [(None, "1", 1), (2, "1", 2), (None, "3", 3)])
def test_the_call_wins_over_the_variable(monkeypatch, given, variable, threads):
    monkeypatch.setenv("COURSE_THREADS", variable)
    assert runtime.start(threads=given).threads == threads == torch.get_num_threads()


def test_without_the_variable_there_are_at_most_two(monkeypatch):
    monkeypatch.delenv("COURSE_THREADS", raising=False)
    assert runtime.start().threads in (1, 2)


@pytest.mark.parametrize("variable", ["0", "two", "-1", "1.5"])
def test_what_is_no_number_of_threads_is_refused_in_one_sentence(monkeypatch, variable):
    monkeypatch.setenv("COURSE_THREADS", variable)
    with pytest.raises(CourseError, match=r"COURSE_THREADS must be a whole number of at least 1, but '.*' came"):
        runtime.start()


def test_a_child_imports_this_checkout_first_and_keeps_what_was_there(monkeypatch):
    root = str(runtime.project_root())
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(("/elsewhere", root)))
    assert runtime.child_environment(GREETING="hello")["PYTHONPATH"] == os.pathsep.join((root, "/elsewhere"))
    monkeypatch.delenv("PYTHONPATH")
    assert runtime.child_environment()["PYTHONPATH"] == root


@pytest.mark.parametrize("path", [None, "", "/elsewhere", "/elsewhere:/further"])
def test_programs_beside_this_python_are_found_by_name(monkeypatch, tmp_path, path):
    """They come before others of the same name, and what was on the path stays there. Twice is as once."""
    program = tmp_path / "env" / "bin" / "alembic-of-this-test"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho found\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program.with_name("python")))
    if path is None:
        monkeypatch.delenv("PATH")
    else:
        monkeypatch.setenv("PATH", path)
    assert shutil.which(program.name) is None
    runtime.programs_on_path()
    runtime.programs_on_path()
    rest = os.defpath if path is None else path
    assert os.environ["PATH"] == os.pathsep.join((str(program.parent), rest))
    assert subprocess.run([program.name], capture_output=True, text=True).stdout == "found\n"


def test_a_python_whose_programs_are_found_changes_nothing(monkeypatch):
    path = os.pathsep.join(("/elsewhere", str(Path(sys.executable).parent)))
    monkeypatch.setenv("PATH", path)
    runtime.programs_on_path()
    assert os.environ["PATH"] == path


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "answer.json"
    path.write_text("before")
    with pytest.raises(ZeroDivisionError), runtime.write_atomically(path) as unfinished:
        unfinished.write_text("half" * (unfinished.write_text("half") // 0))
    assert (path.read_text(), list(tmp_path.iterdir())) == ("before", [path])
    with runtime.write_atomically(path) as unfinished:
        unfinished.write_text("after")
        assert path.read_text() == "before"
    assert (path.read_text(), list(tmp_path.iterdir())) == ("after", [path])


def test_the_peak_of_a_small_child_is_its_own():
    """This process holds torch; getrusage would count that for the child."""
    assert runtime.resident_bytes(peak=True) >= runtime.resident_bytes() > 100e6
    source = "from utils import runtime; print(runtime.resident_bytes(peak=True))"
    said = subprocess.run([sys.executable, "-c", source], env=runtime.child_environment(), capture_output=True)
    assert 1e6 < int(said.stdout) < 100e6
