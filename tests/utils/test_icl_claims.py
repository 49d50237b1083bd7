"""Claims about examples: worked by hand on scripted completions, then the bundled model's own figures."""

import json

import pytest

from runs.course_model.train import OUT
from utils import data, generation, icl_claims, models, prompts, runtime, summary_claims
from utils.data import Dialogue
from utils.errors import CourseError
from utils.evaluate import main
from utils.icl_claims import measure
from utils.models import LanguageModel
from utils.scoring import PromptOptions
from utils.summary_claims import SummaryClaims

POOL = [
    Dialogue("p0", "old one", "plain one", "post", "plain"),
    Dialogue("p1", "old two", "plain two", "post", "plain"),
    Dialogue("p2", "old three", "LOUD THREE", "post", "loud"),
]
TARGETS = [
    Dialogue("t0", "new one", "plain answer", "post", "plain"),
    Dialogue("t1", "new two", "plain reply", "post", "plain"),
    Dialogue("t2", "new three", "plain word", "stars", "plain"),
    Dialogue("t3", "new four", "plain talk", "stars", "plain"),
]
QUIET = PromptOptions(progress=False)


@pytest.fixture
def lm(monkeypatch):
    """Answers rightly after plain examples only; labels a review with the word of the example, else "Positive"."""
    answers = {row.dialogue: row.summary for row in (*POOL, *TARGETS)}
    seen: list[str] = []

    def answer(text: str) -> str:
        if "Dialogue:" not in text:
            return text.split("Sentiment:\n")[1].split("\n")[0] if text.count("Sentiment:") == 2 else "Positive"
        target = text.split("Dialogue:\n")[-1].split("\n\n")[0]
        return answers[target] if "plain" in text and "LOUD" not in text else "nothing"

    def scripted(lm, texts, config, progress):
        seen.extend(texts)
        return [answer(text) for text in texts]

    monkeypatch.setattr(generation, "generate", scripted)
    return LanguageModel("scripted", seen, None, 99, "fp32")


def test_misleading_examples_against_one_good_one(lm):
    contradicting, other_task = measure(lm, TARGETS, POOL, QUIET).misled
    assert (contradicting.rougeL.mean, contradicting.minus_one_good.mean) == (0.0, -1.0)
    assert (other_task.rougeL.mean, other_task.minus_one_good.mean) == (0.0, -1.0)
    assert sum("Classify this review:" in text and "Dialogue:" in text for text in lm.model) == len(TARGETS)


def test_groups_are_the_pool_and_targets_by_topic(lm):
    found = {group.name: group for group in measure(lm, TARGETS, POOL[:2], QUIET).groups}
    assert {name: group.n for name, group in found.items()} == {
        "dialogues of the pool": 2,
        "targets on topics of the pool": 2,
        "targets on other topics": 2,
    }
    assert all(group.exact_match == 1.0 for group in found.values())


def test_labels_count_the_right_word_only(lm):
    limit = 40
    for row in icl_claims.labels(lm, limit, QUIET):
        assert (row.n, row.zero.mean) == (limit, 0.0)
        assert 0.2 < row.one.mean < 0.8, "the script repeats the example's word, which is right about half the time"


def test_contradicting_examples_differ_in_convention_or_swap_summaries():
    one, other = prompts.pick_contradicting(POOL, TARGETS[0])
    assert (one.convention, other.convention) == ("plain", "loud")
    unconventional = [Dialogue(str(i), f"talk {i}", f"summary {i}", "t") for i in range(3)]
    one, other = prompts.pick_contradicting(unconventional, unconventional[0])
    assert (one.summary, other.summary) == (f"summary {other.id}", f"summary {one.id}")


def test_a_pool_without_examples_is_refused(lm):
    with pytest.raises(CourseError, match="pool holds 0"):
        measure(lm, TARGETS, POOL[2:], QUIET)


@pytest.fixture
def named(monkeypatch, lm):
    """The scripted model and its dialogues behind the names of the command line."""
    monkeypatch.setattr(models, "load", lambda name, precision: lm)
    monkeypatch.setattr(data, "dialogues", lambda name, split: TARGETS if split == "test" else POOL)
    monkeypatch.setattr(runtime, "start", lambda **named: None)
    monkeypatch.setattr(summary_claims, "measure", lambda *given: SummaryClaims((), (), (), ()))


def test_the_command_says_what_was_measured_and_each_figure(named, capsys):
    assert main(["--claims", "--quiet"]) == 0
    first, misled, *others = capsys.readouterr().out.strip().splitlines()
    assert first == "scripted (fp32) on course/test, template flan, seed 0"
    assert misled.startswith("two examples that contradict each other: ROUGE-L 0.000 [0.000, 0.000], minus one good")
    assert len(others) == 1 + 3 + 3


def test_the_command_prints_json_that_holds_the_same(named, lm, capsys):
    assert main(["--claims", "--quiet", "--json", "--limit", "2", "--seed", "3"]) == 0
    report = json.loads(capsys.readouterr().out)
    direct = measure(lm, TARGETS[:2], POOL, PromptOptions(seed=3, progress=False))
    assert (report["model"], report["seed"]) == ("scripted", 3)
    assert report["claims"]["labels"][0]["one"]["mean"] == direct.labels[0].one.mean


def test_a_limit_without_an_interval_is_told_before_the_model_runs(named, lm, capsys):
    assert main(["--claims", "--limit", "1"]) == 2
    assert capsys.readouterr().err == "limit must be 2 or more for an interval, but 1 came: raise it or leave it out.\n"
    assert lm.model == []


def bundled() -> dict:
    return json.loads((OUT / "evaluation.json").read_text())


def test_bundled_model_keeps_its_figures():
    found = bundled()
    by_shots = {row["shots"]: row for row in found["scores"]}
    assert {row["n"] for row in found["scores"]} == {500}
    assert found["one_shot_minus_zero_shot_rougeL"]["mean"] >= 0.20
    assert found["one_shot_minus_zero_shot_rougeL"]["low"] > 0
    assert by_shots[1]["exact_match"] >= 0.60
    for shots in (2, 3, 5, 6):
        assert by_shots[shots]["rougeL"]["mean"] >= by_shots[1]["rougeL"]["mean"] - 0.03


def test_bundled_model_is_misled_and_generalises():
    told = bundled()["claims"]
    assert all(row["minus_one_good"]["high"] < 0 for row in told["misled"])
    own, known, new = (row["rougeL"]["mean"] for row in told["groups"])
    assert own - known <= 0.10
    assert own - new <= 0.10
    for row in told["labels"]:
        assert row["zero"]["mean"] <= 0.60
        assert row["one"]["mean"] >= 0.90, row["words"]
