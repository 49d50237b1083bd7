"""The quick run: which labs count as changed, and that tests marked `alone` really are."""

import fcntl
import subprocess
import threading

import pytest

from tests.support.changed_labs import changed_labs
from tests.support.turns import Turns


@pytest.fixture
def checkout(tmp_path):
    """A repository of two labs on main, with a branch checked out."""
    for name in ("labs/01_one/01_one.ipynb", "labs/02_two/02_two.ipynb", "tests/mutants/02_two/pick/first.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("as it was\n", encoding="utf-8")
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path)
    git(tmp_path, "checkout", "-q", "-b", "branch")
    return tmp_path


def git(root, *arguments):
    who = ["-c", "user.name=someone", "-c", "user.email=someone@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


def commit(root):
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "a change")


def test_a_lab_is_changed_by_its_notebook_its_workers_or_its_mutants(checkout):
    assert changed_labs(checkout) == set()
    (checkout / "labs/01_one/worker.py").write_text("new\n", encoding="utf-8")
    assert changed_labs(checkout) == {"01_one"}
    commit(checkout)
    (checkout / "tests/mutants/02_two/pick/first.py").write_text("edited\n", encoding="utf-8")
    assert changed_labs(checkout) == {"01_one", "02_two"}


def test_without_git_no_lab_is_changed(tmp_path):
    assert changed_labs(tmp_path) == set()


def passes(gate):
    """Whether the gate is open now."""
    try:
        fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(gate, fcntl.LOCK_UN)
    return True


@pytest.mark.timeout(60)
def test_one_that_must_be_alone_waits_and_lets_nobody_in(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    first, second, third = (Turns("run") for _ in range(3))
    seen = []

    def take(turns, name, alone):
        turns.take(alone)
        seen.append(name)

    first.take(alone=False)
    waiting = threading.Thread(target=take, args=(second, "alone", True))
    waiting.start()
    while passes(third.gate):
        waiting.join(0.01)
    late = threading.Thread(target=take, args=(third, "late", False))
    late.start()
    assert seen == [], "one test runs: nobody is alone yet, and nobody new comes in"
    first.leave()
    waiting.join(30)
    assert seen == ["alone"]
    second.take(alone=True)
    second.leave()
    late.join(30)
    assert seen == ["alone", "late"]
    for turns in (first, second, third):
        turns.close()
