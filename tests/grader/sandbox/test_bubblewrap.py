"""The sandbox starts wherever the course lies, and says at once when it cannot."""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from grader.sandbox import bubblewrap
from utils.errors import CourseError
from utils.runtime import project_root

ROOT = project_root()

needs_bubblewrap = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed: tools/packages.txt"
)
# Run by the copy's own Python: where each guest finds a package and the course, and what lies in its /tmp.
PROBE = '''
import time

from grader.records import Limits
from grader.sandbox.bubblewrap import SUBMISSION, Sandbox
from grader.sandbox.checking.remote import GuestClient

SEEN = """
import os, subprocess, sys, numpy, utils
own = subprocess.check_output([sys.executable, "-c", "import sys; print(sys.prefix)"], text=True).strip()
found = [numpy.__file__, utils.__file__, own, os.listdir("/tmp")]
open("mine", "w").close()
raise ValueError(repr(found))
"""
with Sandbox(SUBMISSION, {"cells": [("setup", "import numpy")]}) as box:
    for _ in range(2):
        with box.guest(Limits()) as guest:
            print(GuestClient(guest.calls).run_cell("seen", SEEN, time.monotonic() + 60)["message"])
'''


@pytest.mark.sandbox
@pytest.mark.slow
@needs_bubblewrap
def test_a_course_below_a_folder_that_the_sandbox_covers_can_grade():
    # Not pytest's tmp_path, which lies where TMPDIR says. Another bubblewrap shows modules and environment there too:
    # a copy of gigabytes of packages would take a minute.
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        course = Path(folder) / "a course"
        mounts = []
        for part, source in (("grader", ROOT / "grader"), ("utils", ROOT / "utils"), (".venv", sys.prefix)):
            (course / part).mkdir(parents=True)
            mounts += ["--ro-bind", source, course / part]
        command = [
            "bwrap",
            "--dev-bind",
            "/",
            "/",
            *mounts,
            "--chdir",
            course,
            course / ".venv/bin/python",
            "-c",
            PROBE,
        ]
        environment = {**os.environ, "PYTHONPATH": str(course)}
        ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    first, second = map(ast.literal_eval, ran.stdout.splitlines())
    # The second guest does not find what the first one left; of the path to Python both see the folders.
    assert first == second
    numpy_file, utils_file, prefix, seen = first
    assert numpy_file.startswith(prefix)
    assert prefix == str(course / ".venv")
    assert utils_file == f"{bubblewrap.COURSE_FOLDER}/utils/__init__.py"
    assert seen == [Path(folder).name]


@pytest.mark.sandbox
@needs_bubblewrap
@pytest.mark.parametrize("sandboxed", [True, False])
def test_a_fork_server_that_ends_is_noticed_at_once_with_its_last_lines(sandboxed):
    start = time.monotonic()
    cells = [("setup", "import os\nos.write(2, b'no such model')\nos._exit(3)")]
    box = bubblewrap.Sandbox(bubblewrap.SUBMISSION, {"cells": cells}, sandboxed)
    with pytest.raises(CourseError, match="no such model"):
        box.start()
    # Long before the limit, which holds for one that neither answers nor ends.
    assert time.monotonic() - start < bubblewrap.START_S / 4


def test_a_checkout_in_a_folder_that_is_shown_is_covered():
    words = bubblewrap._system_mounts({"/usr", "/usr/src/course/.venv", "/srv/python"}, "/usr/src/course")
    shown = ["--ro-bind", "/srv/python", "/srv/python", "--ro-bind", "/usr", "/usr", "--tmpfs", "/usr/src/course"]
    environment = "/usr/src/course/.venv"
    assert words == [*shown, "--ro-bind", environment, environment, "--remount-ro", "/usr/src/course"]


def test_of_an_environment_in_the_checkout_only_its_parts_are_shown(monkeypatch, tmp_path):
    for part in ("bin", "lib", "labs"):
        (tmp_path / part).mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    shown = {path for path in bubblewrap._system_paths() if Path(path).is_relative_to(tmp_path)}
    assert shown == {str(tmp_path / "bin"), str(tmp_path / "lib")}


def test_every_link_on_the_way_to_the_interpreter_is_followed(tmp_path):
    program = tmp_path / "program"
    program.touch()
    (tmp_path / "python3").symlink_to(program)
    (tmp_path / "python").symlink_to("python3")
    assert bubblewrap._links_to_program(tmp_path / "python") == [str(tmp_path / "python3"), str(program)]
