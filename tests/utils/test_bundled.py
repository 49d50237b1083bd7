"""The bundled files: a loader that opens a missing, truncated or altered one says so in one sentence."""

import shutil

import pytest

from utils import bundled, data, models
from utils.data import domains, knowledge_base, support_desk
from utils.errors import CourseError
from utils.models import registry
from utils.training import recall, scaling_runs

LOADERS = {
    "dialogues/test.jsonl": data.dialogues,
    "handwritten/test.jsonl": lambda: data.dialogues("handwritten"),
    "natural/test_01.jsonl": lambda: data.dialogues("natural"),
    "reviews/train.jsonl": lambda: data.reviews("train"),
    "corpora/finance/texts_test.jsonl": lambda: domains.texts("finance", "test"),
    "corpora/general/labelled_train.jsonl": lambda: domains.sentiment_items("general", "train"),
    "shop/validation.jsonl": lambda: support_desk.cases("validation"),
    "shop/pairs/train.jsonl": support_desk.preference_pairs,
    "shop/knowledge.jsonl": knowledge_base.articles,
    "scaling/sweep.csv": scaling_runs.read,
    "recall/gru.csv": recall.read,
    "reasoning/parity.csv": lambda: bundled.path("reasoning/parity.csv"),
    "course_model/model.safetensors": models.load,
    "course_model/tokenizer.json": models.load,
    "course_model/config.json": registry.spec,
}
DAMAGE = {
    "is missing": lambda path: path.unlink(),
    "bytes, not": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "was altered": lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]),
}


@pytest.fixture
def assets(tmp_path, monkeypatch):
    """A copy of every asset, in which a test may do damage."""
    monkeypatch.setattr(bundled, "FOLDER", shutil.copytree(bundled.FOLDER, tmp_path / "assets"))
    return bundled.FOLDER


@pytest.mark.parametrize("fault", DAMAGE)
@pytest.mark.parametrize("name", LOADERS)
def test_a_loader_names_the_damaged_file_and_the_remedy(assets, name, fault):
    DAMAGE[fault](assets / name)
    with pytest.raises(CourseError) as caught:
        LOADERS[name]()
    sentence = str(caught.value)
    assert sentence.startswith(f"The bundled file utils/assets/{name} ")
    assert fault in sentence
    assert f"`git checkout utils/assets/{name}`" in sentence
    recipe = bundled.manifest(assets)[name].recipe
    assert (f"`{recipe}`" in sentence) == (recipe != "written by hand")
    assert "\n" not in sentence


def test_a_file_that_changes_after_it_was_read_is_read_again(assets):
    assert len(data.reviews("train")) == 400
    DAMAGE["was altered"](assets / "reviews" / "train.jsonl")
    with pytest.raises(CourseError, match="was altered"):
        data.reviews("train")


def test_the_path_of_a_folder_is_given_only_when_all_of_it_is_whole(assets):
    assert bundled.path("shop") == assets / "shop"
    (assets / "shop" / "pairs" / "test.jsonl").unlink()
    with pytest.raises(CourseError, match="is missing: get it back"):
        bundled.path("shop")
    assert bundled.path("shop/train.jsonl").is_file()


def test_a_name_that_is_not_bundled_is_refused():
    with pytest.raises(CourseError, match="but 'sho' came: take one of utils/assets/manifest"):
        bundled.path("sho")
