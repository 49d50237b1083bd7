"""A class from submissions to rows: everyone once, resumed after kill -9, on local workers and on a cluster."""

import csv
import json
import os
import random
import shutil
import signal
import threading
from collections import Counter

import psutil
import pytest
from distributed import Client, LocalCluster

from benchmarks.grading import killed_at
from grader import class_run
from grader.__main__ import main
from grader.intake import collect
from grader.journal import Journal
from grader.judging import worker_process
from grader.records import Options, Row, Task
from tools import sample_class

LAB = "07_distributed"
needs_bwrap = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed: tools/packages.txt"
)


def grades(out):
    with (out / "grades.csv").open(newline="") as file:
        return {row["student"]: float(row["points"]) for row in csv.DictReader(file)}


def journalled(out):
    return [json.loads(line)["row"]["student"] for line in (out / "journal.jsonl").read_text().splitlines()]


@needs_bwrap
@pytest.mark.timeout(400)
def test_a_class_is_resumed_after_kill_9_and_nobody_is_graded_twice(tmp_path):
    due = sample_class.write(LAB, 24, tmp_path / "submitted", stuck=True)
    out = tmp_path / "results"
    for rows in (3, 9, 15):
        killed_at(rows, tmp_path / "submitted", out, workers=1)
    command = ["grade", str(tmp_path / "submitted"), "--out", str(out), "--workers", "1", "--seconds", "10"]
    assert main(command) == 0
    assert grades(out) == due
    assert Counter(journalled(out)) == Counter(list(due))
    before = (out / "journal.jsonl").read_bytes()
    assert main(command) == 0
    assert (out / "journal.jsonl").read_bytes() == before, "nothing has changed, so nothing is graded again"
    for name in ("gradebook.db", "canvas.csv", "report.html", f"feedback/student0000/{LAB}/{LAB}.html"):
        assert (out / name).stat().st_size > 0


@needs_bwrap
@pytest.mark.timeout(400)
def test_a_cluster_loses_a_worker_and_no_row(tmp_path):
    due = sample_class.write(LAB, 16, tmp_path / "submitted")
    found = collect.collect(tmp_path / "submitted", tmp_path / "files")
    killed = []

    def kill_one(client, journal):
        if len(journal.rows) == 4 and not killed:
            pid = next(iter(client.run(os.getpid).values()))
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1") as cluster,
        Client(cluster.scheduler_address) as client,
        Journal(tmp_path / "journal.jsonl") as journal,
    ):
        add = journal.add
        journal.add = lambda key, row: (add(key, row), kill_one(client, journal))
        rows = class_run.grade(found, journal, client, Options())
    assert killed
    assert {row.student: row.earned for row in rows} == due
    assert Counter(journalled_in(tmp_path)) == Counter(list(due))


@needs_bwrap
@pytest.mark.timeout(200)
def test_a_grade_does_not_depend_on_other_threads_and_survives_its_process(tmp_path):
    """One check of this lab asks whether random's shared generator was left alone; a worker's threads draw from it."""
    due = sample_class.write("02_prompting", 1, tmp_path)
    (found,) = collect.collect(tmp_path, tmp_path / "files")
    task = Task(found.student, found.assignment, found.digest, found.path.read_bytes(), "", (), {}, Options())
    over = threading.Event()

    def draw():
        while not over.wait(0.0001):
            random.random()

    noise = threading.Thread(target=draw)
    noise.start()
    try:
        assert worker_process.run(task).earned == due[found.student]
        (child,) = [each for each in psutil.Process().children() if "grader.judging.grade_one" in each.cmdline()]
        child.kill()
        with pytest.raises((EOFError, OSError)):
            worker_process.run(task)
        assert worker_process.run(task).earned == due[found.student]
    finally:
        over.set()
        noise.join()
        worker_process.close()
    assert not [each for each in psutil.Process().children() if "grader.judging.grade_one" in each.cmdline()]


def journalled_in(folder):
    return [json.loads(line)["row"]["student"] for line in (folder / "journal.jsonl").read_text().splitlines()]


def test_a_journal_drops_a_line_that_was_cut_off(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.add("k1", Row("ada", "lab", "d", ()))
        journal.add("k2", Row("bob", "lab", "d", (), problem="It is no notebook."))
    path.write_bytes(path.read_bytes()[:-10])
    with Journal(path) as journal:
        assert (journal.key("ada", "lab"), journal.key("bob", "lab")) == ("k1", "")
        journal.add("k3", Row("bob", "lab", "d", ()))
    with Journal(path) as journal:
        assert [row.student for row in journal.of([("ada", "lab"), ("bob", "lab")])] == ["ada", "bob"]


def test_what_stands_in_the_way_is_one_sentence(tmp_path, capsys, monkeypatch):
    assert main(["grade", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out"), "--unsafe"]) == 2
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["grade", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "--unsafe" in said[1]
    monkeypatch.undo()
