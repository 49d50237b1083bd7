"""The shop's dialogues: files equal the recipe, splits share no filler, and the style checker knows its guide."""

import json
import re

import pytest

from runs.shop import card, generate, make
from runs.shop.topics import DEPARTMENTS
from utils import bundled
from utils.data import SPLITS, support_desk
from utils.data.support_desk import CARELESS, POLITE, Style
from utils.errors import CourseError

BODY = "Order 4821: Ana asks us to exchange the grey coat on Friday. We agreed."
DECLINED = "Order 4821: Ana asks us to exchange the grey coat. We declined because of a missing receipt."
THANKS, SORRY = POLITE.values()
TALK = "#Person1#: Hello.\n#Person2#: It is about order 1111. No, sorry, order 4821."


def test_files_and_card_are_what_the_recipe_makes(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["make", "--out", str(tmp_path)])
    make.main()
    made = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert len(made) == 1 + len(generate.ROWS) + len(generate.PAIRS)
    for name in made:
        assert (tmp_path / name).read_bytes() == (bundled.FOLDER / "shop" / name).read_bytes(), (
            f"{name} differs from its recipe"
        )
    assert sum((tmp_path / name).stat().st_size for name in made) < 1_000_000


@pytest.mark.parametrize("split", SPLITS)
def test_summaries_keep_the_guide_but_for_the_archives_closing_lines(split):
    rows = support_desk.cases(split)
    assert len(rows) == generate.ROWS[split]
    assert len({row.dialogue for row in rows}) == len(rows)
    kept = [support_desk.style(row.summary, row.dialogue) for row in rows]
    assert all(style.form and style.order for style in kept)
    assert all(style.closing for style in kept) == (split != "train")
    assert {row.convention for row in rows} == {support_desk.STYLE}


def test_the_archive_is_careless_mostly_where_it_declined():
    share = {}
    for declined in (True, False):
        rows = [row for row in support_desk.cases("train") if (" We declined " in row.summary) == declined]
        share[declined] = sum(row.summary.endswith(CARELESS) for row in rows) / len(rows)
    assert all(abs(share[key] - generate.CARELESS_SHARE[key]) < 0.06 for key in share), share


@pytest.mark.parametrize("split", ["train", "test"])
def test_pairs_differ_in_the_closing_line_only(split):
    rows, others = (
        support_desk.preference_pairs(split),
        {row.dialogue for name in SPLITS for row in support_desk.cases(name)},
    )
    assert len(rows) == generate.PAIRS[split]
    for row in rows:
        (body, polite), (same, careless) = (
            support_desk.split_closing(row.chosen),
            support_desk.split_closing(row.rejected),
        )
        assert body == same
        assert polite in POLITE.values()
        assert careless in CARELESS
        assert row.dialogue not in others
        assert support_desk.style(row.chosen, row.dialogue).kept
        assert support_desk.style(row.rejected, row.dialogue) == Style(True, True, False)


def test_goods_belong_to_one_split_and_departments_have_three():
    goods = [item for topic in DEPARTMENTS for part in topic.items for item in part]
    assert len(goods) == len(set(goods))
    assert all(len(topic.items) == len(SPLITS) for topic in DEPARTMENTS)
    for split in SPLITS:
        named = " ".join(row.summary for row in support_desk.cases(split))
        others = {item for other in set(SPLITS) - {split} for item in card.goods(other)}
        assert not {item for item in others if re.search(rf"\b{item}\b", named)}


@pytest.mark.parametrize(
    ("summary", "style"),
    [
        (f"{BODY} {THANKS}", Style(True, True, True)),
        (f"{DECLINED} {SORRY}", Style(True, True, True)),
        (f"{DECLINED} {THANKS}", Style(True, True, False)),
        (f"{BODY} {CARELESS[0]}", Style(True, True, False)),
        (f"{BODY} {THANKS}".replace("4821", "1111"), Style(True, False, True)),
        (f"{BODY} Have a nice day.", Style(False, True, False)),
        (BODY, Style(False, True, False)),
        (f"{BODY} {THANKS} {THANKS}", Style(False, True, False)),
        ("Ana asks the agent to exchange the coat.", Style(False, False, False)),
        ("", Style(False, False, False)),
    ],
)
def test_style_by_hand(summary, style):
    assert support_desk.style(summary, TALK) == style


def test_every_order_number_is_the_recipes():
    for split in SPLITS:
        for row in json.loads(
            "[" + ",".join((bundled.FOLDER / "shop" / f"{split}.jsonl").read_text().splitlines()) + "]"
        ):
            assert row["summary"].startswith(f"Order {support_desk.order_number(row['dialogue'])}: ")


def test_closing_lines_are_cut_off_where_the_form_is_kept():
    assert support_desk.split_closing(f" {DECLINED} {SORRY}\n") == (DECLINED, SORRY)
    assert support_desk.split_closing(BODY) == (BODY, "")
    assert support_desk.split_closing("Yes: Ana asks.") == ("Yes: Ana asks.", "")


def test_faults_are_sentences():
    with pytest.raises(CourseError, match="split of the pairs must be one of train, test, but 'dev' came"):
        support_desk.preference_pairs("dev")
    with pytest.raises(CourseError, match="names its order was expected"):
        support_desk.order_number("#Person1#: Hello.")


def test_scores_by_hand():
    case = next(row for row in support_desk.cases("test") if " We agreed. " in row.summary)
    body, _ = support_desk.split_closing(case.summary)
    scores = support_desk.score([case.summary, f"{body} {CARELESS[0]}", "Nothing of it"], [case] * 3)
    assert (scores.rouge[0], scores.body[:2], scores.kept, scores.polite) == (1.0, [1.0, 1.0], [1, 0, 0], [1, 0, 0])
    assert 0 < scores.rouge[1] < 1
    assert scores.line().endswith("0.333")
