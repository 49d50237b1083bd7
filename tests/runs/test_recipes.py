"""Every command that a document, a docstring or a card names can be run, and every recipe is named in one place."""

import re
import subprocess
from pathlib import Path

import pytest

import runs

ROOT = Path(__file__).resolve().parents[2]
TEXTS = (".md", ".py", ".ipynb", ".yml", ".json", ".csv", ".toml", "Makefile", "run")
PACKAGES = "runs|tools|utils|grader|benchmarks"
# A module, and the options after it up to the end of the code or of the sentence.
COMMAND = re.compile(rf"python3? -m ((?:{PACKAGES})(?:\.\w+)*)([^`.\"\n]*)")
MAIN = 'if __name__ == "__main__":'


def commands() -> dict[str, set[str]]:
    """The options that any text of the project names, by module."""
    found: dict[str, set[str]] = {}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("the list of files needs git and a clone")
    for name in listed.stdout.splitlines():
        if name.endswith(TEXTS) and (ROOT / name).is_file():
            for module, rest in COMMAND.findall((ROOT / name).read_text(encoding="utf-8")):
                found.setdefault(module, set()).update(re.findall(r"--[a-z][a-z-]+", rest))
    return found


def source(module: str) -> str:
    """The code that `python -m module` runs; empty where there is none."""
    path = ROOT / module.replace(".", "/")
    path = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def test_every_command_named_anywhere_is_one():
    named = commands()
    assert len(named) > 10
    for module, options in named.items():
        package = "".join(path.read_text(encoding="utf-8") for path in (ROOT / module.split(".")[0]).rglob("*.py"))
        assert MAIN in source(module) or module.endswith("torchrun"), f"python -m {module} runs nothing"
        # Two commands may share their options through a third module of the package.
        assert {option for option in options if f'"{option}"' not in package} == set(), module


RECIPES = sorted(
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    for path in (ROOT / "runs").rglob("*.py")
    if MAIN in path.read_text(encoding="utf-8")
)


def test_the_package_names_every_recipe():
    assert sorted(re.findall(r"python -m (runs[\w.]+)", runs.__doc__)) == RECIPES


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_has_its_command_in_its_docstring(recipe):
    assert f"`python -m {recipe}`" in source(recipe)
