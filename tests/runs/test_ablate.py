"""The comparison of small variants: what they differ in, the bundled table, and what is not trained again."""

import json
from dataclasses import fields

import pytest

from runs.course_model import ablate, train, train_tokenizer
from runs.course_model.ablate import BASE, VARIANTS


def changed(recipe) -> set[str]:
    return {field.name for field in fields(recipe) if getattr(recipe, field.name) != getattr(BASE, field.name)}


def test_each_variant_differs_from_the_base_in_the_thing_that_its_name_says():
    assert {name: changed(recipe) for name, recipe in VARIANTS.items()} == {
        "1 M": {"size"},
        "3 M": set(),
        "8 M": {"size"},
        "3 M, no examples in training": {"most_shots"},
    }


@pytest.mark.parametrize("row", json.loads(ablate.TABLE.read_text())["variants"], ids=lambda row: row["name"])
def test_the_bundled_row_comes_from_todays_recipe_and_a_model_of_that_size(row):
    recipe = VARIANTS[row["name"]]
    assert row["recipe"] == ablate.without_device(recipe)
    assert row["parameters"] == train.new_model(train_tokenizer.VOCAB, recipe.seed, recipe.size).num_parameters()
    gain, scores = row["one_minus_zero"], row["rougeL"]
    assert gain["mean"] == pytest.approx(scores["1"]["mean"] - scores["0"]["mean"])
    assert gain["low"] < gain["mean"] < gain["high"]


def test_a_row_of_the_table_is_kept(monkeypatch, tmp_path):
    trained = []

    def scripted(name, recipe, tokenizer, work):
        trained.append(name)
        return {"name": name, "recipe": ablate.without_device(recipe)}

    monkeypatch.setattr(ablate, "variant", scripted)
    monkeypatch.setattr(ablate.train_tokenizer, "train", lambda seed: None)
    table = tmp_path / "ablations.json"
    for expected in (["3 M"], ["3 M", "1 M", "8 M", "3 M, no examples in training"]):
        ablate.main(["--out", str(table), *(["--only", "3 M"] if len(expected) == 1 else [])])
        assert trained == expected
    assert sorted(row["name"] for row in json.loads(table.read_text())["variants"]) == sorted(VARIANTS)
