"""The manifest lists exactly what is bundled, and the recipes write it."""

import importlib.util
import json
import shutil

import pytest

from runs import manifest
from runs.course_model import train
from runs.dialogues import make as dialogues
from runs.domains import make as domains
from runs.shop import make as shop
from runs.shop import make_knowledge
from utils import bundled

RECIPES = (dialogues, domains, shop, make_knowledge)


@pytest.fixture
def assets(tmp_path, monkeypatch):
    """A copy of every asset, which recipes may write."""
    monkeypatch.setattr(bundled, "FOLDER", shutil.copytree(bundled.FOLDER, tmp_path / "assets"))
    return bundled.FOLDER


def test_every_file_but_the_cards_is_listed_with_its_hash():
    assert manifest.differences() == []
    names = {path.relative_to(bundled.FOLDER).as_posix() for path in bundled.FOLDER.rglob("*") if path.is_file()}
    cards = {name for name in names if name.endswith(".md")}
    assert set(bundled.manifest(bundled.FOLDER)) == names - cards - {"manifest.json"}


def test_every_recipe_and_licence_is_one_that_exists():
    for asset in bundled.manifest(bundled.FOLDER).values():
        module = asset.recipe.removeprefix("python -m ")
        assert asset.recipe == "written by hand" or importlib.util.find_spec(module), asset
        assert asset.licence in ("CC0-1.0", "MIT")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.__name__)
def test_a_recipe_writes_its_files_and_their_entries_again(assets, monkeypatch, recipe):
    before = (assets / "manifest.json").read_text()
    entries = json.loads(before)
    own = [name for name, entry in entries.items() if entry["recipe"] == f"python -m {recipe.__name__}"]
    assert own
    for name in own:
        (assets / name).unlink()
        entries[name]["bytes"] = 0
    (assets / "manifest.json").write_text(json.dumps(entries))
    monkeypatch.setattr("sys.argv", ["make"])
    recipe.main()
    assert (assets / "manifest.json").read_text() == before
    assert manifest.differences() == []


def test_what_training_exports_is_what_the_manifest_says_of_it():
    listed = [asset.name for asset in bundled.manifest(bundled.FOLDER).values() if asset.recipe.endswith("model.train")]
    assert listed == [f"course_model/{name}" for name in train.EXPORTED]


def test_files_outside_the_assets_are_not_recorded(assets, tmp_path):
    before = (assets / "manifest.json").read_bytes()
    (tmp_path / "train.jsonl").write_text("x")
    manifest.record([tmp_path / "train.jsonl"], "runs.shop.make")
    assert (assets / "manifest.json").read_bytes() == before


def test_the_command_tells_differences_and_takes_them_over(assets, capsys):
    (assets / "scaling" / "sweep.csv").write_text("width\n")
    (assets / "shop" / "new.jsonl").write_text("")
    assert manifest.main([]) == 1
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2
    assert said[0].startswith("scaling/sweep.csv has 6 bytes, not ")
    assert said[1] == "shop/new.jsonl is not listed."
    (assets / "shop" / "new.jsonl").unlink()
    assert manifest.main(["--refresh"]) == 0
    assert manifest.main([]) == 0
