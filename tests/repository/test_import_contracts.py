"""The import contracts of pyproject.toml hold, and each of them can fail."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.labs import ROOT

PACKAGES = ("benchmarks", "tools", "grader", "runs", "utils")
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
INSIDE_A_FUNCTION = "def late():\n    {}\n"
VIOLATIONS = {
    "house": {"utils/units.py": "from runs import cards"},
    "utils": {"utils/errors.py": "from utils import runtime"},
    "grader": {"grader/records.py": INSIDE_A_FUNCTION.format("import grader.journal")},
    "sandbox": {"grader/sandbox/protocol/messages.py": "from grader.sandbox.checking import remote"},
    "boundary": {"grader/sandbox/guest/worker.py": "from grader.records import Limits"},
    "checking": {"grader/sandbox/checking/mutations.py": "from grader.judging import private_checks"},
    "runs": {"runs/dialogues/topics.py": "from runs.shop import make"},
    "circles": {
        "utils/data/web_crawl.py": "from utils.data import zipf_facts",
        "utils/data/zipf_facts.py": INSIDE_A_FUNCTION.format("from utils.data import web_crawl"),
    },
}


def lint(root: Path, contract: str | None = None) -> subprocess.CompletedProcess:
    chosen = ["--contract", contract] if contract else []
    return subprocess.run([LINT_IMPORTS, "--no-cache", *chosen], cwd=root, capture_output=True, text=True)


@pytest.fixture
def house(tmp_path):
    """The five packages' Python files and the contracts, to be spoiled."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_is_kept():
    outcome = lint(ROOT)
    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.parametrize(("contract", "edits"), VIOLATIONS.items(), ids=VIOLATIONS)
def test_a_violated_contract_fails(house, contract, edits):
    assert lint(house, contract).returncode == 0
    for name, line in edits.items():
        with (house / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    outcome = lint(house, contract)
    assert outcome.returncode == 1
    assert "1 broken" in outcome.stdout, outcome.stdout


def test_a_module_that_no_contract_places_fails(house):
    (house / "utils" / "attic.py").write_text('"""Things."""\n', encoding="utf-8")
    outcome = lint(house, "utils")
    assert outcome.returncode == 1
    assert "utils.attic" in outcome.stdout
