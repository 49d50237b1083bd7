"""The doctor: what it finds wrong, what blocks, and that a bare Python can run it."""

import ast
import json
import shutil
import socket
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import psutil
import pytest

from utils import doctor
from utils.doctor import BLOCKS, NOTE, OK, Finding

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def course(tmp_path):
    """A folder laid out like the course: one lab, a lock that holds, a module, two bundled files."""
    (tmp_path / "labs" / "02_prompting").mkdir(parents=True)
    (tmp_path / "utils").mkdir()
    (tmp_path / "utils" / "__init__.py").write_text("")
    (tmp_path / "requirements.lock").write_text(f"pytest=={pytest.__version__}\n")
    write_project(tmp_path, "pytest")
    assets = tmp_path / "utils" / "assets"
    for name in ("shop/test.jsonl", "handwritten/test.jsonl"):
        (assets / name).parent.mkdir(parents=True)
        (assets / name).write_text("abc")
    (assets / "manifest.json").write_text(
        json.dumps(
            {
                "shop/test.jsonl": entry("python -m runs.shop.make"),
                "handwritten/test.jsonl": entry("written by hand"),
            }
        )
    )
    return tmp_path


def entry(recipe):
    """What the manifest says of a file that holds "abc"; the hash is the example of FIPS 180."""
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    return {"bytes": 3, "sha256": digest, "recipe": recipe, "licence": "MIT"}


def write_project(root, need):
    (root / "pyproject.toml").write_text(
        f'[project]\ndependencies = ["{need}>=1"]\n[project.optional-dependencies]\nlabs = []\n'
    )


@pytest.mark.parametrize(
    ("version", "level"), [((3, 10, 13), BLOCKS), ((3, 11, 0), OK), ((3, 12, 1), OK), ((4, 0, 0), OK)]
)
def test_python_version(version, level):
    assert doctor.python(version).level == level


def test_packages_as_locked(course):
    assert doctor.packages(course).level == OK


def test_a_missing_package_blocks_and_says_how_to_install(course):
    write_project(course, "no-such-package")
    finding = doctor.packages(course)
    assert finding.level == BLOCKS
    assert "no-such-package" in finding.found
    assert "make setup" in finding.do


def test_another_version_than_locked_is_a_note(course):
    (course / "requirements.lock").write_text("pytest==0.1\n")
    finding = doctor.packages(course)
    assert finding.level == NOTE
    assert "pytest" in finding.found


def test_advice_depends_on_the_environment(course, monkeypatch):
    assert "Set-up has not run" in doctor.to_install(course)
    (course / ".venv").mkdir()
    assert ".venv/bin/python" in doctor.to_install(course)
    monkeypatch.setattr(sys, "prefix", str(course / ".venv"))
    assert "Delete .venv" in doctor.to_install(course)


def test_our_utils_is_found_from_every_lab():
    assert doctor.our_utils(ROOT).level == OK


def test_a_learners_own_utils_blocks(course):
    (course / "labs" / "02_prompting" / "utils.py").write_text("")
    finding = doctor.our_utils(course)
    assert finding.level == BLOCKS
    assert str(Path("02_prompting", "utils.py")) in finding.found


def test_utils_that_fails_to_import_blocks(course):
    (course / "labs" / "02_prompting" / "utils.py").write_text("raise ImportError")
    assert doctor.our_utils(course).level == BLOCKS


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (Path.unlink, "is missing"),
        (lambda path: shutil.rmtree(path.parent), "is missing"),
        (lambda path: path.write_text("a"), "has 1 bytes, not 3"),
        (lambda path: path.write_text("abd"), "was altered"),
    ],
)
@pytest.mark.parametrize(("folder", "recipe"), [("shop", "python -m runs.shop.make"), ("handwritten", None)])
def test_a_damaged_asset_blocks_and_says_what_brings_it_back(course, damage, fault, folder, recipe):
    assert [finding.level for finding in doctor.assets(course)] == [OK]
    damage(course / "utils" / "assets" / folder / "test.jsonl")
    (finding,) = doctor.assets(course)
    assert finding.level == BLOCKS
    assert f"utils/assets/{folder}: test.jsonl {fault}" in finding.found
    assert f"`git checkout utils/assets/{folder}`" in finding.do
    assert ("make it again" in finding.do) == (recipe is not None)
    assert recipe is None or f"`{recipe}`" in finding.do


@pytest.mark.parametrize("text", [None, "", "[]", '{"shop/test.jsonl": {"bytes": 3}}'])
def test_a_manifest_that_cannot_be_read_blocks(course, text):
    manifest = course / "utils" / "assets" / "manifest.json"
    manifest.unlink() if text is None else manifest.write_text(text)
    (finding,) = doctor.assets(course)
    assert finding.level == BLOCKS
    assert "git checkout utils/assets/manifest.json" in finding.found


def test_the_courses_own_assets_are_as_the_manifest_says():
    assert [finding.level for finding in doctor.assets(ROOT)] == [OK]


@pytest.mark.parametrize(("free", "level"), [(None, OK), (400e6, BLOCKS), (2_000_000_000, NOTE), (2_500_000_000, OK)])
def test_memory(free, level):
    assert doctor.memory(free).level == level


@pytest.mark.parametrize(("limit", "free"), [(None, 4_096_000), ("max", 4_096_000), ("1000000", 600_000)])
def test_free_memory_is_the_system_s_or_what_the_container_may_still_take(tmp_path, limit, free):
    group = tmp_path / "sys" / "fs" / "cgroup"
    assert doctor.free_memory_bytes(tmp_path) is None
    for folder in (tmp_path / "proc", group):
        folder.mkdir(parents=True)
    (tmp_path / "proc" / "meminfo").write_text("MemTotal:  9000 kB\nMemAvailable:  4000 kB\n")
    if limit:
        (group / "memory.max").write_text(f"{limit}\n")
        # Pages of files are given back when memory is short; only anonymous ones count as taken.
        (group / "memory.stat").write_text("anon 400000\nfile 500000\n")
    assert doctor.free_memory_bytes(tmp_path) == free


def test_free_memory_of_this_machine_is_a_part_of_it():
    assert 0 < (doctor.free_memory_bytes() or 1) <= psutil.virtual_memory().total


class Refusing(BaseHTTPRequestHandler):
    """A hub that is there and says no."""

    def do_HEAD(self):
        self.send_response(401)
        self.end_headers()

    def log_message(self, *args):
        pass


def test_a_hub_that_answers_at_all_is_reachable():
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        Thread(target=server.handle_request, daemon=True).start()
        assert doctor.hub(f"http://127.0.0.1:{server.server_port}").level == OK


def test_a_silent_hub_is_only_a_note():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    finding = doctor.hub(f"http://127.0.0.1:{port}")
    assert finding.level == NOTE
    assert 'MODEL = "course"' in finding.do


def test_offline_asks_no_hub():
    assert doctor.hub_endpoint(offline=True) is None
    assert doctor.hub(None).level == NOTE


def test_no_gpu_is_only_a_note(tmp_path):
    assert doctor.gpu(None).level == NOTE
    assert doctor.gpu("false").level == NOTE


@pytest.mark.parametrize(("build", "level"), [("2.13.0+cpu", NOTE), ("2.13.0", OK), ("2.13.0+cu130", OK)])
def test_a_gpu_needs_a_pytorch_built_for_it(monkeypatch, build, level):
    monkeypatch.setattr(doctor.metadata, "version", lambda name: build)
    assert doctor.gpu("true").level == level


@pytest.mark.parametrize(("levels", "status"), [((OK, NOTE, NOTE), 0), ((OK, BLOCKS, NOTE), 1)])
def test_only_a_blocker_sets_the_exit_status(monkeypatch, capsys, levels, status):
    monkeypatch.setattr(doctor, "examine", lambda root: [Finding(level, "found", "do") for level in levels])
    assert doctor.main() == status
    assert ("cannot run" in capsys.readouterr().out) == bool(status)


def test_it_imports_the_standard_library_only():
    tree = ast.parse((ROOT / "utils" / "doctor.py").read_text())
    names = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_a_python_without_packages_can_run_it():
    command = [sys.executable, "-S", "-m", "utils.doctor"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 1
    assert "packages are missing" in answer.stdout
    assert not answer.stderr
