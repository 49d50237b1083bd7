"""The whole grader on the wildest class there is: everybody gets what is due, nothing leaks, nothing is left behind."""

import csv
import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.support import example_lab, hostile_notebooks, messy_class, postgres

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed: tools/packages.txt"),
    pytest.mark.timeout(900),
]
ADOPT_ORPHANS = 36
PRIVATE = f"assert mean([2, rng.random()]) > 0, 'private-{messy_class.CANARY}'\n"


class Graded:
    """What one run of the command left. due: by student. dump: all that the gradebook's database holds."""

    def __init__(self, folder: Path):
        self.folder, self.course, self.out = folder, folder / "course", folder / "results"
        self.due = messy_class.write(folder)
        (folder / "private" / example_lab.NAME).mkdir(parents=True)
        (folder / "private" / example_lab.NAME / "mean.py").write_text(PRIVATE)
        (folder / "scratch").mkdir()
        self.digest, self.shared = self.course_digest(), shared_memory()
        with ExitStack() as stack:
            url = None if postgres.missing() else stack.enter_context(postgres.server())
            self._run(["--db", url] if url else [])
            self.dump = dump(url) if url else (self.out / "gradebook.db").read_bytes()

    def _run(self, words: list[str]) -> None:
        ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)
        children = set(psutil.Process().children(recursive=True))
        command = [sys.executable, "-m", "grader", "grade", self.folder / "class.zip", "--out", self.out]
        command += [
            "--private",
            self.folder / "private",
            "--secret",
            f"secret-{hostile_notebooks.CANARY}",
            "--seconds",
            "5",
        ]
        extra = {
            "PYTHONPATH": str(self.course),
            "GRADING_SECRET": hostile_notebooks.CANARY,
            "TMPDIR": str(self.folder / "scratch"),
        }
        done = subprocess.run(
            [*command, *words], cwd=self.course, env=os.environ | extra, capture_output=True, text=True
        )
        self.said = done.stdout + done.stderr
        assert done.returncode == 0, self.said[-3000:]
        left = set(psutil.Process().children(recursive=True)) - children
        self.left = psutil.wait_procs(left, timeout=30)[1]
        ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 0, 0, 0, 0)

    def course_digest(self) -> str:
        """Of every file of the course, and which there are."""
        whole = hashlib.sha256()
        for path in sorted(self.course.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                whole.update(str(path).encode() + path.read_bytes())
        return whole.hexdigest()


def shared_memory() -> set[str]:
    return set(os.listdir("/dev/shm"))


def dump(url: str) -> bytes:
    with psycopg.connect(url) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        return repr([connection.execute(f'select * from "{name}"').fetchall() for (name,) in tables]).encode()


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    return Graded(tmp_path_factory.mktemp("wild"))


@pytest.fixture(scope="module")
def rows(graded):
    with (graded.out / "grades.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_student_has_one_row_with_the_points_that_are_due(graded, rows):
    got = {row["student"]: messy_class.PROBLEM if row["problem"] else float(row["points"]) for row in rows}
    assert len(got) == len(rows)
    assert {student: (got.get(student), due) for student, due in graded.due.items() if got.get(student) != due} == {}
    assert set(got) == set(graded.due)
    assert {row["maximum"] for row in rows} == {"6"}


def test_everyone_has_feedback_and_every_repair_is_told(graded, rows):
    pages = {path.parts[-3] for path in graded.out.glob("feedback/*/*/*.html")}
    assert len(pages) == len(graded.due)
    readable = [row for row in rows if not row["problem"]]
    assert len(list(graded.out.glob("autograded/*/*/*.ipynb"))) == len(readable)
    repaired = {row["student"] for row in rows if row["repairs"]}
    mended = {"check twice", "solution twice", "check deleted", "metadata stripped", "UTF-16"}
    assert mended <= repaired
    assert not {"right", "untouched", "zoo, right"} & repaired


def test_nothing_secret_is_in_any_output(graded):
    assert messy_class.CANARY in (graded.course / "labs" / example_lab.NAME / f"{example_lab.NAME}.ipynb").read_text()
    files = {str(path.relative_to(graded.out)): path.read_bytes() for path in graded.out.rglob("*") if path.is_file()}
    outputs = {name: data for name, data in files.items() if not name.startswith("collected")}
    outputs |= {"said": graded.said.encode(), "gradebook": graded.dump}
    secrets = (messy_class.CANARY, hostile_notebooks.CANARY, "HIDDEN TESTS")
    assert [(name, text) for name, data in outputs.items() for text in secrets if text.encode() in data] == []
    handed_out = {name: data for name, data in outputs.items() if name.startswith(("feedback", "grades", "moodle"))}
    paths = (str(graded.folder), sys.prefix, "/course/")
    assert [(name, text) for name, data in handed_out.items() for text in paths if text.encode() in data] == []


def test_nothing_is_left_behind(graded):
    assert graded.left == []
    assert graded.course_digest() == graded.digest
    assert shared_memory() - graded.shared == set()
    assert list((graded.folder / "scratch").rglob("*")) == []


def test_the_journal_holds_everybody_once(graded):
    lines = [json.loads(line) for line in (graded.out / "journal.jsonl").read_text().splitlines()]
    assert sorted(line["row"]["student"] for line in lines) == sorted(graded.due)
