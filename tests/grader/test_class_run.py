"""A class from submissions to rows: everyone once, resumed after kill -9, on local workers and on a cluster."""

import csv
import json
import os
import shutil
import signal
from collections import Counter

import pytest
from distributed import Client, LocalCluster

from benchmarks.grading import killed_at
from grader import class_run
from grader.__main__ import main
from grader.intake import collect
from grader.journal import Journal
from grader.records import Options
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
@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(400)
def test_a_class_is_resumed_after_kill_9_and_nobody_is_graded_twice(tmp_path):
    wrong = sample_class.write(LAB, 24, tmp_path / "submitted", stuck=True)
    due = sample_class.points_due(LAB, wrong)
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
@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(400)
def test_a_cluster_loses_a_worker_and_no_row(tmp_path):
    due = sample_class.points_due(LAB, sample_class.write(LAB, 16, tmp_path / "submitted"))
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


def journalled_in(folder):
    return [json.loads(line)["row"]["student"] for line in (folder / "journal.jsonl").read_text().splitlines()]


def test_what_stands_in_the_way_is_one_sentence(tmp_path, capsys, monkeypatch):
    assert main(["grade", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out"), "--unsafe"]) == 2
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["grade", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "--unsafe" in said[1]
    monkeypatch.undo()
