"""The comparison of small variants: each differs from the base in one thing, and a known row is not trained again."""

import json
from dataclasses import fields

from runs.course_model import ablate
from runs.course_model.ablate import BASE, VARIANTS


def test_each_variant_differs_from_the_base_in_one_thing_at_most():
    for name, recipe in VARIANTS.items():
        changed = [f.name for f in fields(recipe) if getattr(recipe, f.name) != getattr(BASE, f.name)]
        assert len(changed) <= 1, name
    assert {recipe.size for recipe in VARIANTS.values()} == {"1m", "3m", "8m"}
    assert [name for name, recipe in VARIANTS.items() if recipe.most_shots == 0] == ["3 M, no examples in training"]


def test_a_row_of_the_table_is_kept(monkeypatch, tmp_path):
    trained = []

    def scripted(name, recipe, tokenizer, work):
        trained.append(name)
        return {"name": name, "recipe": ablate.settled(recipe)}

    monkeypatch.setattr(ablate, "variant", scripted)
    monkeypatch.setattr(ablate.train_tokenizer, "train", lambda seed: None)
    table = tmp_path / "ablations.json"
    for expected in (["3 M"], ["3 M", "1 M", "8 M", "3 M, no examples in training"]):
        ablate.main(["--out", str(table), *(["--only", "3 M"] if len(expected) == 1 else [])])
        assert trained == expected
    assert sorted(row["name"] for row in json.loads(table.read_text())["variants"]) == sorted(VARIANTS)
