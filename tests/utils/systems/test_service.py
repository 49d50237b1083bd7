"""The summary service answers, refuses in sentences, and ends; a load of requests loses none and gets none wrong."""

import asyncio
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.support import child_process, labs
from utils import data, generation, models, prompts
from utils.errors import CourseError
from utils.systems import load_test, service
from utils.systems.load_test import Answer, Load

pytestmark = [pytest.mark.slow, pytest.mark.alone]

WORKER = labs.ROOT / "labs" / "04_lifecycle" / "service.py"
READY_S = 240
IN_A_KERNEL = """
import asyncio
from utils.systems import load_test
async def cell():
    return load_test.post({url!r}, {{"dialogue": "#Person1#: Hello."}}, timeout_s=120).status
print(asyncio.run(cell()))
"""
A_PARENT = """
import time
from utils.systems import service
child = service.start({worker!r}, {{"words": "to follow"}}, timeout_s=120)
print(child.process.pid, child.url, child.folder, flush=True)
time.sleep(300)
"""
SMALL = '''
"""A service without a model: it starts in a moment."""
import json, os, subprocess, sys, time
from utils.systems import service
given = service.settings()
if given.get("way") == "crash":
    print("\\x1b[31mloading\\x1b[0m")
    raise OSError("the weights are not there")
if given.get("way") == "silent":
    time.sleep(300)
if given.get("way") == "deaf":
    import signal
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    print(child.pid, flush=True)

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup" and given.get("way") == "fails":
                await send({"type": "lifespan.startup.failed", "message": "no room for the model"})
                return
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if given.get("way") == "deaf":
        time.sleep(300)
    body = json.dumps(given).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})

service.serve(app, grace_s=1)
'''


@pytest.fixture
def small(tmp_path):
    """A service file that needs no model."""
    path = tmp_path / "small.py"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def lab():
    """The lab's service file as a module."""
    spec = importlib.util.spec_from_file_location("lab_service", WORKER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def summaries():
    """The lab's service with the course model, in small batches."""
    with service.start(
        WORKER, {"batch_size": 16, "queue_length": 256, "deadline_s": 120}, timeout_s=READY_S
    ) as running:
        yield running


def post(running, body, **options):
    return load_test.post(f"{running.url}/summaries", body, timeout_s=120, **options)


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def is_closed(url):
    try:
        with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), timeout=5):
            return False
    except OSError:
        return True


def within(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def test_200_concurrent_requests_lose_none_and_get_none_wrong(summaries):
    rows = [row.dialogue for row in data.dialogues("course", "test")[:100]] * 2
    lm = models.load("course", "fp32")
    filled = [prompts.template("flan").fill(dialogue) for dialogue in rows[:100]]
    offline = generation.generate(lm, filled, generation.settings(60), 16, progress=False) * 2
    expected = [{"summary": text} for text in offline]
    bodies = [{"dialogue": dialogue} for dialogue in rows]
    result = load_test.run(f"{summaries.url}/summaries", bodies, concurrency=200, expected=expected, timeout_s=300)
    assert (result.answered, result.refused, result.lost, result.wrong) == (200, 0, 0, 0), str(result)
    health = json.loads(get(f"{summaries.url}/health"))
    assert health["status"] == "ready"
    assert health["batches"] < health["answered"], "requests that wait together share a batch"
    assert health["largest_batch"] == 16


def get(url):
    import httpx

    return httpx.get(url, trust_env=False, timeout=60).text


BAD = {
    "no JSON": (b"{", 400, "not JSON"),
    "nothing": (b"", 400, "not JSON"),
    "not UTF-8": (b"\xff\xfe", 400, "not JSON"),
    "nested too deep": (b"[" * 60_000, 400, "not JSON"),
    "a list": ([], 422, 'key "dialogue"'),
    "another key": ({"text": "Hello."}, 422, 'key "dialogue"'),
    "a number": ({"dialogue": 3}, 422, "type int"),
    "null": ({"dialogue": None}, 422, "type NoneType"),
    "an empty dialogue": ({"dialogue": ""}, 422, "it is empty"),
    "blanks": ({"dialogue": " \n\t"}, 422, "it is empty"),
    "half a pair": (b'{"dialogue": "\\ud800"}', 422, "surrogate"),
    "too many tokens": ({"dialogue": "word " * 3000}, 413, "At most 1,024 tokens"),
    "1 MB": ({"dialogue": "a" * 1_000_000}, 413, "at most 65,536 bytes"),
    "1 MB that is not JSON": (b"x" * 1_000_000, 413, "at most 65,536 bytes"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_request_gets_a_sentence(summaries, name):
    body, status, words = BAD[name]
    answer = post(summaries, body)
    assert answer.status == status, answer
    assert list(answer.body) == ["error"]
    assert words in answer.body["error"]
    assert answer.body["error"].endswith(".")


def test_a_place_that_is_not_there_gets_a_sentence_too(summaries):
    answer = load_test.post(f"{summaries.url}/summary", {})
    assert (answer.status, "POST /summaries" in answer.body["error"]) == (404, True)
    assert "GET /summaries came" in get(f"{summaries.url}/summaries")


def test_a_huge_body_is_not_held_in_memory(summaries):
    before = summaries.memory_bytes
    assert post(summaries, b"x" * 15_000_000).status == 413
    assert summaries.memory_bytes - before < 8e6


def test_a_body_that_never_comes_is_not_waited_for_forever():
    with service.start(WORKER, {"deadline_s": 1}, timeout_s=READY_S) as running:
        place = urlsplit(running.url)
        with socket.create_connection((place.hostname, place.port), timeout=60) as raw:
            raw.sendall(b"POST /summaries HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
            said = b""
            while not said.endswith(b"}"):  # head and body may come apart
                piece = raw.recv(65_536)
                assert piece, said
                said += piece
        assert b" 504 " in said
        assert b"within 1 s" in said
        assert post(running, {"dialogue": "#Person1#: Hello."}).status in (200, 504)


def test_after_bad_requests_good_ones_are_answered_as_before(summaries):
    answer = post(summaries, {"dialogue": "#Person1#: Hello.\n#Person2#: Goodbye."})
    assert (answer.status, list(answer.body)) == (200, ["summary"])


def test_overload_is_refused_at_once_and_the_others_are_answered():
    rows = [{"dialogue": row.dialogue} for row in data.dialogues("course", "test")[:40]]
    settings = {"batch_size": 2, "queue_length": 4, "deadline_s": 240}
    with service.start(WORKER, settings, timeout_s=READY_S) as running:
        result = load_test.run(f"{running.url}/summaries", rows, concurrency=40, timeout_s=300)
        assert result.answered + result.refused == 40, str(result)
        assert result.refused >= 20
        assert result.answered >= 4
        for answer in result.answers:
            if answer.status == 503:
                assert f"try again in {answer.headers['retry-after']} s" in answer.body["error"]
        assert post(running, rows[0]).status == 200


def test_a_refusal_says_when_to_come_back(lab):
    async def third_of_two():
        batcher = lab.Batcher(lambda batch: list(batch), batch_size=2, queue_length=2)
        waiting = [asyncio.create_task(batcher.ask(text)) for text in "ab"]
        await asyncio.sleep(0)
        with pytest.raises(lab.Refusal) as refused:
            await batcher.ask("c")
        worker = asyncio.create_task(batcher.run())
        answers = await asyncio.gather(*waiting)
        worker.cancel()
        return refused.value, answers, batcher.batches

    refusal, answers, batches = asyncio.run(third_of_two())
    assert (answers, batches) == (["a", "b"], 1)
    assert refusal.status == 503
    assert int(refusal.headers["Retry-After"]) >= 1


def test_a_failing_batch_is_an_error_for_its_requests_only(lab):
    def complete(batch):
        if "bad" in batch:
            raise MemoryError("too large")
        return list(batch)

    async def both():
        batcher = lab.Batcher(complete, batch_size=1, queue_length=4)
        worker = asyncio.create_task(batcher.run())
        answers = await asyncio.gather(batcher.ask("bad"), batcher.ask("good"), return_exceptions=True)
        worker.cancel()
        return answers

    bad, good = asyncio.run(both())
    assert isinstance(bad, MemoryError)
    assert good == "good"


def test_an_impossible_setting_ends_the_service_with_the_reason():
    with pytest.raises(CourseError, match=r"service\.py ended with status \d before it was ready") as error:
        service.start(WORKER, {"batch_size": 0}, timeout_s=READY_S)
    assert "batch_size must be a whole number of at least 1, but 0 came" in str(error.value)


@pytest.mark.parametrize("settings", [{"queue_length": 0}, {"precision": "int3"}, {"body_bytes": True}])
def test_impossible_settings_are_refused(lab, settings):
    with pytest.raises(CourseError, match="came"):
        lab.Settings(**settings)


def test_settings_reach_the_service_and_stop_leaves_nothing(small):
    with service.start(small, {"words": "café", "many": [1, 2]}) as running:
        assert json.loads(get(running.url)) == {"words": "café", "many": [1, 2]}
        assert running.started_s > 0
    assert is_gone(running.process.pid)
    assert is_closed(running.url)
    assert not running.folder.exists()
    assert running.process.returncode == 0
    running.stop()
    assert running.log == ""


def test_it_stops_when_the_block_fails(small):
    with pytest.raises(ZeroDivisionError), service.start(small) as running:
        1 / 0  # noqa: B018
    assert is_gone(running.process.pid)


def test_a_crash_at_the_start_is_one_sentence_with_the_end_of_the_log(small):
    before = set(psutil.Process().children())
    with pytest.raises(CourseError, match=r"small\.py ended with status 1 before it was ready") as error:
        service.start(small, {"way": "crash"})
    assert str(error.value).endswith("OSError: the weights are not there")
    assert "\x1b" not in str(error.value)
    assert set(psutil.Process().children()) <= before


def test_a_start_up_that_fails_inside_the_app_is_told_too(small):
    with pytest.raises(CourseError, match=r"ended with status 3") as error:
        service.start(small, {"way": "fails"})
    assert "no room for the model" in str(error.value)


def test_a_service_that_is_never_ready_is_ended(small):
    with pytest.raises(CourseError, match=r"was not ready within 1 s.*It printed nothing"):
        service.start(small, {"way": "silent"}, timeout_s=1)
    assert not [child for child in psutil.Process().children() if str(small) in child.cmdline()]


def test_one_that_does_not_hear_sigterm_is_ended_with_its_children(small):
    running = service.start(small, {"way": "deaf"})
    assert load_test.post(running.url, {}, timeout_s=1).status is None
    child = int(running.log)
    running.stop()
    assert is_gone(running.process.pid)
    assert is_gone(child)


def test_it_ends_with_its_parent(small, tmp_path):
    command = [sys.executable, "-c", A_PARENT.format(worker=str(small))]
    env = child_process.environment(tmp_path)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as parent:
        pid, url, folder = parent.stdout.readline().split()
        assert not is_closed(url)
        parent.kill()
    assert within(lambda: is_gone(int(pid)))
    assert is_closed(url)
    assert not Path(folder).exists()


def test_by_hand_it_prints_its_address_and_ends_on_sigterm(small, tmp_path):
    command = [sys.executable, str(small), "--words", "hello"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=child_process.environment(tmp_path)
    ) as process:
        url = process.stdout.readline().strip()
        assert json.loads(get(url)) == {"words": "hello"}
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("worker", "options", "words"),
    [
        ("nowhere.py", {}, "there is no"),
        (None, {"timeout_s": 0}, "timeout_s must be a positive number"),
        (None, {"settings": {"model": object()}}, "what JSON can hold"),
    ],
)
def test_a_start_that_cannot_be_is_refused(small, worker, options, words):
    with pytest.raises(CourseError, match=words):
        service.start(small.with_name(worker or small.name), **options)


def test_a_load_works_inside_a_running_event_loop(small, tmp_path):
    with service.start(small) as running:
        outcome = child_process.python("-c", IN_A_KERNEL.format(url=running.url), folder=tmp_path)
    assert outcome.stdout.strip() == "200", child_process.report(outcome)


def test_a_service_that_is_gone_loses_every_request(small):
    with service.start(small) as running:
        pass
    result = load_test.run(running.url, [{}] * 5, concurrency=2)
    assert (result.lost, result.answered, result.refused) == (5, 0, 0)
    assert result.percentile(50) != result.percentile(50), "no answer has no percentile"


def test_figures_of_a_load_by_hand():
    answers = [
        Answer(200, 1.0, "a"),
        Answer(200, 3.0, "b"),
        Answer(503, 0.1, ""),
        Answer(500, 0.1, ""),
        Answer(None, 9, ""),
    ]
    known = Load(5, 4.0, tuple(answers), ("a", "x", "c", "d", "e"))
    assert (known.answered, known.refused, known.lost, known.wrong) == (2, 1, 2, 1)
    assert (known.throughput, known.percentile(50)) == (0.5, 2.0)
    assert str(known).startswith(
        "5 requests, 5 at a time: 2 answered, 1 refused, 2 lost, 1 wrong; 0.5 a second; p50 2.00 s"
    )
    with pytest.raises(CourseError, match="no expected ones"):
        _ = Load(5, 4.0, tuple(answers)).wrong


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"bodies": [], "concurrency": 1}, "One or more bodies"),
        ({"bodies": [1], "concurrency": 0}, "concurrency must be a whole number"),
        ({"bodies": [1], "concurrency": 1, "expected": []}, "and 0 expected answers"),
    ],
)
def test_a_load_that_cannot_be_is_refused(options, words):
    with pytest.raises(CourseError, match=words):
        load_test.run("http://127.0.0.1:9", **options)
