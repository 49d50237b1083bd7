"""The full tier without the internet: FLAN-T5-base's exact shape and DialogSum's layout from a loopback hub."""

import os
import subprocess
import sys
from tempfile import TemporaryDirectory

import pytest

from tests.support.loopback_hub import LoopbackHub, full_tier
from utils import data, models, runtime, units
from utils.errors import CourseError

MODEL, DATA = "google/flan-t5-base", "knkarthick/dialogsum"
SCRIPT = f"""
from utils import data, models
lm = models.load("{MODEL}", device="cpu")
rows = data.dialogues("{DATA}")
prompt = lm.tokenizer(rows[0].dialogue, return_tensors="pt")
print(lm.parameters, lm.model.generate(**prompt, max_new_tokens=2).shape[0], len(rows), len(rows[0].references))
"""


@pytest.fixture(scope="module")
def server():
    with LoopbackHub(full_tier()) as running:
        yield running


@pytest.fixture
def cold(server, monkeypatch):
    """An empty cache, and the environment a learner would set; removed at once, for the weights take 495 MB."""
    with TemporaryDirectory(prefix="full_tier_") as home:
        for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HF_HOME", home)
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        server.faults.clear()
        server.requests.clear()
        yield monkeypatch


def run() -> subprocess.CompletedProcess:
    """SCRIPT in a fresh process, as a learner's kernel is."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        capture_output=True, text=True, timeout=300, cwd=runtime.project_root(), env=os.environ,
    )  # fmt: skip


@pytest.mark.slow
def test_first_run_downloads_and_the_second_needs_no_server(server, cold):
    expected = f"247577856 1 {len(data.dialogues())} 3\n"
    first = run()
    assert first.stdout == expected, first.stderr
    files = [path for path in (server.root / "models" / MODEL).iterdir() if path.is_file() and path.suffix != ".md"]
    size, count = units.format_bytes(sum(path.stat().st_size for path in files)), len(files)
    assert f"{MODEL}: downloading {size}, {count} of {count} files, from {server.endpoint}" in first.stderr
    assert f"{DATA}: downloading" in first.stderr
    asked = [request for request in server.requests if "/api/" in request]
    assert asked == [f"GET /api/models/{MODEL}?blobs=true", f"GET /api/datasets/{DATA}?blobs=true"]
    server.stop()
    try:
        second = run()
    finally:
        server.start()
    assert second.stdout == expected, second.stderr
    notices = second.stderr.splitlines()
    assert [line.split(":")[0] for line in notices] == [MODEL, DATA], "one line for each, and nothing else"
    assert all("could not be reached; using the copy in the cache" in line for line in notices)


def test_unreachable_hub_ends_in_one_sentence_for_each(server, cold):
    server.stop()
    try:
        for read, name, instead in ((models.load, MODEL, 'MODEL="course"'), (data.dialogues, DATA, 'DATA="course"')):
            with pytest.raises(CourseError) as caught:
                read(name)
            assert name in str(caught.value)
            assert f"{instead}, which works offline." in str(caught.value)
    finally:
        server.start()


def test_bad_row_on_the_hub_is_reported_by_file_and_line(server, cold):
    path = full_tier() / "datasets" / DATA / "validation.csv"
    before = path.read_bytes()
    path.write_bytes(before + b"odd,,no dialogue,topic\n")
    line = len(before.splitlines()) + 1
    try:
        with pytest.raises(CourseError, match=f"validation.csv:{line} has an empty dialogue"):
            data.dialogues(DATA, "validation")
    finally:
        path.write_bytes(before)
