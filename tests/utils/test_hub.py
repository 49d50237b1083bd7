"""The hub's files over real HTTP: first download, warm cache, and every way a hub can fail."""

import hashlib
import socket

import pytest

from tests.support.loopback_hub import TINY_T5, LoopbackHub, write_dialogues, write_t5
from utils import hub, units
from utils.errors import CourseError

TINY = "course/tiny"
ROW = {"id": "test_0", "dialogue": "#Person1#: Hello.", "summary": "A greeting.", "topic": "greeting"}


@pytest.fixture(scope="module")
def repositories(tmp_path_factory):
    root = tmp_path_factory.mktemp("hub")
    write_t5(root / "models" / TINY, TINY_T5)
    write_dialogues(root / "datasets" / TINY, {"test": [ROW]})
    return root


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """A cache of its own for every test, and no setting from outside."""
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    return monkeypatch


@pytest.fixture
def server(repositories, environment):
    with LoopbackHub(repositories) as running:
        environment.setenv("HF_ENDPOINT", running.endpoint)
        yield running


def failure(repo_id=TINY, kind="model") -> str:
    """The one sentence a failed fetch ends in, with no other exception behind it."""
    with pytest.raises(CourseError) as caught:
        hub.fetch(repo_id, kind)
    sentence = str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "\n" not in sentence
    assert sentence.count(". ") == 0
    assert sentence.endswith(f"or set {hub.INSTEAD[kind]}, which works offline.")
    assert repo_id in sentence
    return sentence


def assert_recovers(server, kind="model"):
    """Against the healthy server the next run gives whole files, and no partial file is left."""
    server.faults.clear()
    folder = hub.fetch(TINY, kind)
    source = server.root / f"{kind}s" / TINY
    for path in folder.iterdir():
        assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256((source / path.name).read_bytes()).digest()
    assert not list(folder.parents[2].rglob("*incomplete*"))


def gets(server) -> list[str]:
    return [line.rsplit("/")[-1] for line in server.requests if line.startswith("GET") and "resolve" in line]


def test_first_download_states_size_and_fetches_each_wanted_file_once(server, capsys):
    folder = hub.fetch(TINY, "model")
    present = sorted(path.name for path in folder.iterdir())
    assert sorted(gets(server)) == present
    assert "model.safetensors" in present
    assert "README.md" not in present
    size = units.format_bytes(sum(path.stat().st_size for path in folder.iterdir()))
    assert f"{TINY}: downloading {size}" in capsys.readouterr().err


def test_second_run_asks_the_hub_once_and_downloads_nothing(server, capsys):
    first = hub.fetch(TINY, "model")
    server.requests.clear()
    capsys.readouterr()
    assert hub.fetch(TINY, "model") == first
    assert server.requests == [f"GET /api/models/{TINY}?blobs=true"]
    assert capsys.readouterr().err == ""


def test_second_run_with_the_server_stopped_uses_the_cache_and_says_so_in_one_line(server, capsys):
    first = hub.fetch(TINY, "model")
    server.stop()
    capsys.readouterr()
    assert hub.fetch(TINY, "model") == first
    notice = capsys.readouterr().err
    assert notice.count("\n") == 1
    assert "could not be reached; using the copy in the cache" in notice


def test_offline_flag_reads_the_cache_without_a_request(server, environment):
    first = hub.fetch(TINY, "model")
    server.requests.clear()
    environment.setenv("HF_HUB_OFFLINE", "1")
    assert hub.fetch(TINY, "model") == first
    assert server.requests == []


def test_offline_flag_with_a_cold_cache(server, environment):
    environment.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE is set" in failure()
    assert server.requests == []


def test_unreachable_hub_and_cold_cache_answer_without_waiting(server, environment):
    def waited(seconds):
        raise AssertionError(f"the client slept {seconds} s before it told the learner")

    server.stop()
    with environment.context() as patch:
        patch.setattr("time.sleep", waited)
        assert f"the hub at {server.endpoint} could not be reached" in failure()
    server.start()
    assert_recovers(server)


@pytest.mark.timeout(60)
def test_silent_hub_is_given_up_after_the_timeout(environment):
    environment.setattr(hub, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert "could not be reached" in failure()


def test_unknown_repository(server):
    assert "knows nothing of that name (404)" in failure("course/unheard-of")
    assert "knows nothing of that name (404)" in failure("course/unheard-of", "dataset")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("not found", "lists model.safetensors but does not have it (404)"),
        ("truncated", "model.safetensors arrived truncated"),
        ("damaged", "model.safetensors arrived damaged (its sha256 differs from the hub's)"),
    ],
)
def test_bad_file_is_named_and_leaves_no_broken_cache(server, fault, says):
    server.faults["model.safetensors"] = fault
    assert says in failure()
    assert says in failure(), "a second try must not take the broken rest for whole"
    server.stop()
    assert "could not be reached" in failure(), "nor may a run without the hub"
    server.start()
    assert_recovers(server)


def test_damaged_small_file_is_caught_by_its_git_hash(server):
    server.faults["test.csv"] = "damaged"
    assert "test.csv arrived damaged (its sha1 differs from the hub's)" in failure(kind="dataset")
    assert_recovers(server, "dataset")


def test_only_what_is_missing_is_fetched_after_a_failure(server):
    server.faults["tokenizer.json"] = "not found"
    failure()
    server.requests.clear()
    assert_recovers(server)
    assert gets(server) == ["tokenizer.json", "tokenizer_config.json"]


def test_dropped_connection_resumes_where_it_broke_off(server):
    server.faults["model.safetensors"] = "dropped once"
    assert hub.fetch(TINY, "model").is_dir()
    assert gets(server).count("model.safetensors") == 2
    assert_recovers(server)


def test_download_that_starts_over_for_ever_is_ended(server, environment):
    environment.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1024)
    environment.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    server.faults["model.safetensors"], server.ignore_ranges = "dropped", True
    assert "broke off and started over too often" in failure()
    assert len(gets(server)) < 12
    assert_recovers(server)


def test_connection_that_always_drops(server, environment):
    environment.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    server.faults["model.safetensors"] = "dropped"
    assert "broke the connection off" in failure()
    assert_recovers(server)


@pytest.mark.parametrize(("fault", "says"), [("unavailable", "status 503"), ("login page", "login page of a network")])
def test_hub_that_answers_nonsense(server, fault, says):
    server.faults[TINY] = fault
    assert says in failure()
    assert_recovers(server)


def test_repository_without_usable_files(server):
    folder = server.root / "models" / "course" / "pickled"
    folder.mkdir()
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    assert "has none of its files in a format that this course reads" in failure("course/pickled")


def test_vanished_repository_is_used_from_the_cache(server, capsys):
    first = hub.fetch(TINY, "model")
    server.faults[TINY] = "not found"
    assert hub.fetch(TINY, "model") == first
    assert "knows nothing of that name (404); using the copy in the cache" in capsys.readouterr().err


def test_failed_update_falls_back_to_the_last_whole_snapshot(server, repositories, capsys):
    first = hub.fetch(TINY, "dataset")
    path = repositories / "datasets" / TINY / "test.csv"
    before = path.read_bytes()
    path.write_bytes(before + b"test_1,#Person1#: Bye.,A farewell.,farewell\n")
    server.faults["test.csv"] = "damaged"
    try:
        assert hub.fetch(TINY, "dataset") == first
        assert "test.csv arrived damaged" in capsys.readouterr().err
        server.faults.clear()
        assert b"A farewell." in (hub.fetch(TINY, "dataset") / "test.csv").read_bytes()
    finally:
        path.write_bytes(before)


def test_a_commit_that_arrives_during_the_download_is_fetched_by_the_next_run(server, repositories, environment):
    path = repositories / "datasets" / TINY / "test.csv"
    before, check = path.read_bytes(), hub._check

    def check_while_the_hub_moves_on(*found):
        path.write_bytes(before + b"test_1,#Person1#: Bye.,A farewell.,farewell\n")
        check(*found)

    try:
        with environment.context() as patch:
            patch.setattr(hub, "_check", check_while_the_hub_moves_on)
            assert (hub.fetch(TINY, "dataset") / "test.csv").read_bytes() == before
        assert_recovers(server, "dataset")
    finally:
        path.write_bytes(before)


def test_an_interrupted_download_is_not_the_cache_s_main(server, environment):
    """The process ends before the files are checked: nothing is caught, nothing is tidied up."""

    def interrupt(*_):
        raise KeyboardInterrupt

    with environment.context() as patch:
        patch.setattr(hub, "_check", interrupt)
        with pytest.raises(KeyboardInterrupt):
            hub.fetch(TINY, "model")
    assert hub._snapshot(TINY, "model") is None
    server.requests.clear()
    assert_recovers(server)
    assert gets(server) == []


def test_cut_cached_file_is_fetched_anew(server):
    weights = hub.fetch(TINY, "model") / "model.safetensors"
    weights.resolve().write_bytes(weights.read_bytes()[:100])
    assert_recovers(server)


def test_endpoint_must_be_an_address(environment):
    environment.setenv("HF_ENDPOINT", "hub.example")
    with pytest.raises(CourseError, match="HF_ENDPOINT should be an http"):
        hub.fetch(TINY, "model")


def test_unwritable_cache_is_named(server, environment, tmp_path):
    (tmp_path / "file").write_text("")
    environment.setenv("HF_HOME", str(tmp_path / "file"))
    assert "could not be written to the cache" in failure()


@pytest.mark.parametrize("name", ["", "nowhere", "./no/such/folder", "a/b/c", "../x"])
def test_name_that_is_neither_folder_nor_hub_id(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match=r"should be .course., an existing folder or a hub id"):
        hub.folder(name, "model")


def test_folder_wins_over_hub_id(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "google" / "flan-t5-base").mkdir(parents=True)
    assert hub.folder("google/flan-t5-base", "model").name == "flan-t5-base"
