"""Workers start, answer and end; and whatever they do instead is one sentence, within the time, with nothing left."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.support import child_process, lab_runs, labs
from utils.errors import CourseError
from utils.systems import distributed

pytestmark = [pytest.mark.slow, pytest.mark.alone]

WORKERS = Path(__file__).resolve().parents[2] / "support" / "workers"
SUMS, ODD = WORKERS / "sums.py", WORKERS / "odd.py"
READY_S = 60
RUN_IN_A_KERNEL = """
from utils.systems import distributed
print([result.value["sum"] for result in distributed.run({worker!r}, 2)])
"""


def odd(way, folder, world_size=2, **options):
    """A run whose last rank misbehaves."""
    return distributed.run(ODD, world_size, {"way": way, "pids": str(folder)}, logs=folder / "logs", **options)


def left_over(folder):
    """Processes of runs with their logs in `folder` that are still there; other jobs may run beside the tests."""
    return [process.pid for process in psutil.process_iter(["environ"]) if is_left(process, folder)]


def is_left(process, folder):
    try:
        ours = (process.info["environ"] or {}).get(distributed.RUN, "").startswith(str(folder.resolve()))
        return ours and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_ranks_answer_in_order_on_one_thread_without_a_gpu():
    results = distributed.run(SUMS, 2, {"rate": 0.5})
    assert [result.rank for result in results] == [0, 1]
    for result in results:
        told = {key: value for key, value in result.value.items() if key != "pid"}
        assert told == {"sum": 3, "settings": {"rate": 0.5}, "threads": 1, "gpus": 0}
        assert result.log == f"rank {result.rank} has 3\n"
        assert result.attempt == 0
        assert 50e6 < result.peak_bytes < 1e9


def test_one_rank_is_enough(tmp_path):
    assert [result.value for result in odd("garbage", tmp_path, world_size=1)] == [0]


def test_two_agents_share_the_workers():
    assert [result.value["sum"] for result in distributed.run(SUMS, 2, nodes=2)] == [3, 3]


def test_runs_side_by_side_do_not_meet(monkeypatch):
    for name, value in {"MASTER_PORT": "1", "RANK": "5", "WORLD_SIZE": "9", "PET_NNODES": "3"}.items():
        monkeypatch.setenv(name, value)
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: distributed.run(SUMS, 2), range(2)))
    assert [[result.value["sum"] for result in results] for results in runs] == [[3, 3], [3, 3]]


def test_garbage_on_stdout_does_no_harm(tmp_path):
    results = odd("garbage", tmp_path)
    assert [result.value for result in results] == [0, 1]
    assert "{{{" in results[1].log


def test_workers_start_anew_after_a_failure(tmp_path):
    results = odd("fail once", tmp_path, restarts=1)
    assert [(result.value, result.attempt) for result in results] == [(0, 1), (1, 1)]


def test_workers_that_had_met_meet_again_after_a_failure(tmp_path):
    results = distributed.run(SUMS, 2, {"die_at_first": True}, restarts=1, logs=tmp_path)
    assert [(result.value["sum"], result.attempt) for result in results] == [(3, 1), (3, 1)]


def test_a_grandchild_is_ended_with_the_run(tmp_path):
    assert [result.value for result in odd("grandchild", tmp_path)] == [0, 1]
    assert not left_over(tmp_path)


FAILURES = {
    "raise": r"Rank 1 of odd.py ended with exit status 1, and .*(\n.*)+ZeroDivisionError: division by zero$",
    "exit": r"Rank 1 of odd.py ended with exit status 3, .*\nrank 1 is ready$",
    "kill": r"Rank 1 of odd.py was ended by SIGKILL, ",
    "fail once": r"Rank 1 of odd.py was ended by SIGKILL, ",
    "silent": r"odd.py ended without an answer from rank 1: .*\nrank 1 is ready$",
    "garbage and exit": r'Rank 1 of odd.py ended with exit status 4, (.|\n)*\n\{"rank": 7\}\{\{\{$',
    "no JSON": r"Rank 1 of odd.py ended with .*(\n.*)+report takes only what JSON can hold, but ",
}


@pytest.mark.parametrize(("way", "message"), FAILURES.items(), ids=FAILURES)
def test_a_failing_rank_is_named_with_its_last_lines(way, message, tmp_path):
    with pytest.raises(CourseError, match=message):
        odd(way, tmp_path)
    assert not left_over(tmp_path)


@pytest.mark.parametrize("way", ["hang", "deaf", "grandchild and hang"])
def test_a_rank_that_never_returns_is_ended(way, tmp_path):
    for timeout_s in (4, READY_S):
        start_s = time.monotonic()
        with pytest.raises(CourseError, match="did not end within") as caught:
            odd(way, tmp_path, timeout_s=timeout_s)
        assert time.monotonic() - start_s < 200, "the worker sleeps for 300 s"
        assert not left_over(tmp_path)
        # A busy machine may not reach the worker in the first, short time.
        if "no answer came from rank 1: " in str(caught.value) and "rank 1 is ready" in str(caught.value):
            return
    pytest.fail(f"another sentence came: {caught.value}")


def test_a_worker_that_is_no_python_is_named(tmp_path):
    worker = tmp_path / "broken.py"
    worker.write_text("def (:\n")
    with pytest.raises(CourseError, match=r"Rank \d of broken.py ended with exit status 1(.*\n)+.*SyntaxError"):
        distributed.run(worker, 2)


BAD = {
    "world size 0": ({"world_size": 0}, "world_size must be an integer from 1 to 16, but 0 came"),
    "negative": ({"world_size": -2}, "world_size must be"),
    "fraction": ({"world_size": 2.0}, "world_size must be"),
    "crowd": ({"world_size": 1000}, "world_size must be"),
    "no file": ({"worker": "nowhere.py"}, "there is no .*nowhere.py"),
    "folder": ({"worker": WORKERS}, "there is no"),
    "nodes": ({"nodes": 3}, "nodes must share 2 workers evenly, but 3 came"),
    "no node": ({"nodes": 0}, "nodes must"),
    "restarts": ({"restarts": -1}, "restarts must be"),
    "no time": ({"timeout_s": 0}, "timeout_s must be"),
    "nan": ({"timeout_s": float("nan")}, "timeout_s must be"),
    "settings": ({"settings": {"model": object()}}, "settings takes only what JSON can hold"),
}


@pytest.mark.parametrize(("wrong", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_before_anything_starts(wrong, message):
    with pytest.raises(CourseError, match=message):
        distributed.run(**({"worker": SUMS, "world_size": 2} | wrong))


def test_logs_are_kept_where_asked(tmp_path):
    odd("garbage", tmp_path)
    [folder] = (tmp_path / "logs").iterdir()
    assert len(list(folder.glob("node-0/*/attempt_0/*/stdout.log"))) == 2


def test_the_first_to_fail_is_named_though_others_follow(tmp_path):
    noted = []
    for rank, exitcode, second in ((0, 1, 30), (1, 1, 10), (2, -signal.SIGTERM, 5), (3, 1, 20)):
        log_folder = tmp_path / str(rank)
        log_folder.mkdir()
        (log_folder / "stderr.log").write_text(f"error of {rank}")
        os.utime(log_folder / "stderr.log", (second, second))
        noted.append({"rank": rank, "exitcode": exitcode, "log_folder": str(log_folder)})
    (tmp_path / "failures-0.json").write_text(json.dumps(noted))
    assert [failure.rank for failure in distributed._failures(tmp_path)] == [1, 3, 0, 2]


def test_by_hand_a_worker_prints_its_answer(capsys, monkeypatch):
    for name in (distributed.RUN, "RANK"):
        monkeypatch.delenv(name, raising=False)
    assert distributed.settings() == {}
    distributed.report([1])
    assert json.loads(capsys.readouterr().out)["value"] == [1]


def test_a_notebook_can_run_workers(tmp_path):
    probe = lab_runs.notebook(tmp_path / "probe.ipynb", RUN_IN_A_KERNEL.format(worker=str(SUMS)))
    executed = tmp_path / "executed.ipynb"
    outcome = lab_runs.papermill(probe, executed, tmp_path, {})
    assert not "\n".join(lab_runs.papermill_faults(executed, outcome, tmp_path))
    assert labs.read(executed).code[0].outputs[0].text == "[3, 3]\n"


def started(folder):
    """Wait until the workers of a run in another process are there."""
    deadline_s = time.monotonic() + READY_S
    while len([path for path in folder.iterdir() if path.name.isdigit()]) < 2:
        assert time.monotonic() < deadline_s
        time.sleep(0.1)


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_the_notebook(sig, tmp_path):
    settings = {"way": "hang", "pids": str(tmp_path)}
    source = f"from utils.systems import distributed\ndistributed.run({str(ODD)!r}, 2, {settings!r})"
    notebook = subprocess.Popen(
        [sys.executable, "-c", source],
        env=child_process.environment(tmp_path),
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job ignores it
    )
    try:
        started(tmp_path)
        notebook.send_signal(sig)
        notebook.wait(READY_S)
    finally:
        notebook.kill()
    deadline_s = time.monotonic() + READY_S
    while left_over(tmp_path) and time.monotonic() < deadline_s:
        time.sleep(0.2)
    assert not left_over(tmp_path)
